/** Colours for what a stream gets. */
import picocolors from "picocolors";

/** Colours on a terminal, or if FORCE_COLOR is set; picocolors would also colour the logs of CI machines. */
export function colors_for(stream: NodeJS.WriteStream): ReturnType<typeof picocolors.createColors> {
  return picocolors.createColors(
    picocolors.isColorSupported && (stream.isTTY || "FORCE_COLOR" in process.env),
  );
}
