/* Publishes an FLV file as fast as it can: librtmp-publish FILE.flv URL. The smallest program around librtmp's own API. */
#include <librtmp/rtmp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  static char flv[1 << 20];
  if (argc != 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return 3;
  int length = (int)fread(flv, 1, sizeof flv, file);
  fclose(file);

  RTMP *rtmp = RTMP_Alloc();
  RTMP_Init(rtmp);
  if (!RTMP_SetupURL(rtmp, argv[2])) return 4;
  RTMP_EnableWrite(rtmp);
  if (!RTMP_Connect(rtmp, NULL) || !RTMP_ConnectStream(rtmp, 0)) return 5;
  int written = RTMP_Write(rtmp, flv, length);

  /* Closing with something unread resets the connection, and the server loses what was sent last. */
  struct pollfd readable = {.fd = RTMP_Socket(rtmp), .events = POLLIN};
  while (poll(&readable, 1, 500) > 0 && recv(readable.fd, flv, sizeof flv, 0) > 0) {}
  RTMP_Close(rtmp);
  RTMP_Free(rtmp);
  return written > 0 ? 0 : 6;
}
