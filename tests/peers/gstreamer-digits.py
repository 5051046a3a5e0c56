"""Sends digits as RTP telephone events, as GStreamer's rtpdtmfsrc does: gstreamer-digits.py PORT DIGITS"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

PERIOD_MS = 600
TONE_MS = 100

Gst.init(None)
port, digits = sys.argv[1], sys.argv[2]
pipeline = Gst.parse_launch(f"rtpdtmfsrc pt=101 packet-redundancy=3 ! udpsink host=127.0.0.1 port={port}")
loop = GLib.MainLoop()


def press(digit: str) -> bool:
    start(True, "0123456789*#ABCD".index(digit))
    GLib.timeout_add(TONE_MS, start, False, 0)
    return False


def start(is_start: bool, number: int) -> bool:
    fields = "dtmf-event,type=(int)1,method=(int)1,start=(boolean)"
    more = f"true,number=(int){number},volume=(int)10" if is_start else "false"
    structure = Gst.Structure.from_string(fields + more)[0]
    pipeline.send_event(Gst.Event.new_custom(Gst.EventType.CUSTOM_UPSTREAM, structure))
    return False


pipeline.set_state(Gst.State.PLAYING)
for index, digit in enumerate(digits):
    GLib.timeout_add(PERIOD_MS * (index + 1), press, digit)
GLib.timeout_add(PERIOD_MS * (len(digits) + 1) + 500, loop.quit)
loop.run()
pipeline.set_state(Gst.State.NULL)
