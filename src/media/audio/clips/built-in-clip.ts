import path from "./built-in-clip.wav" with { type: "file" };

/**
 * Path of a WAV file that comes with the program, inside of the compiled executable too: "您好，欢迎使用", then "Welcome to
 * nway wx", 3.6 s in A-law at 16 kHz. Made with espeak-ng -v cmn -s 230 and -v en-us -s 185, joined with 150 ms between
 * them, and SoX: highpass 90 compand 0.005,0.1 -60,-60,-30,-18,0,-6 gain -n -3 fade q 0.01 0 0.02.
 */
export const BUILT_IN_CLIP_PATH: string = path;
