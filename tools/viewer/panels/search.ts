/** What a search in the log finds: calls by name, lines by descriptor, program, place or any text. */
import { sentence } from "../data/describe.ts";
import { CALL } from "../data/model.ts";
import type { IndexedRecording } from "../data/model.ts";

/**
 * Says of each line whether it is wanted. "fd 29" is a descriptor; the name of a call alone is that call;
 * every other word may be in the line, in the program's name, or in the function and line of the source.
 */
export function matcher(recording: IndexedRecording, wanted: string): (entry: number) => boolean {
  const { columns } = recording;
  const [asked, number] = /\bfd (\d+)\b/.exec(wanted) ?? ["", ""];
  const words = wanted.replace(asked, "").split(/\s+/).filter(Boolean);
  const names = words.length === 1 ? names_of(recording, words[0]) : [];
  if (asked !== "") {
    const is_about = about(recording, Number(number));
    const has_words = with_words(recording, words);
    return (entry) => is_about(entry) && has_words(entry);
  }
  if (names.length > 0) {
    return (entry) => columns.what[entry] === CALL && names.includes(columns.name[entry]);
  }
  return with_words(recording, words);
}

/** The numbers of calls with a name, for which accept4(2) is accept. */
function names_of({ names }: IndexedRecording, word: string): number[] {
  return [word, `${word}4`].flatMap((name) => names.find(name) ?? []);
}

function about({ columns, lives }: IndexedRecording, fd: number): (entry: number) => boolean {
  return (entry) => lives[columns.life[entry]]?.fd === fd;
}

function with_words(
  recording: IndexedRecording,
  words: readonly string[],
): (entry: number) => boolean {
  const places = new Map<string, string>();
  // The program and the innermost frame of a line.
  const place_of = (entry: number): string => {
    const { columns } = recording;
    const key = `${columns.process[entry]} ${columns.stack[entry]}`;
    let place = places.get(key);
    if (place === undefined) {
      const { program } = recording.process(entry).header;
      const [frame] = recording.frames(entry);
      place = `${program} ${frame === undefined ? "" : `${frame[0]} ${frame[1]}:${frame[2]}`}`;
      places.set(key, (place = place.toLowerCase()));
    }
    return place;
  };
  return (entry) => {
    const place = place_of(entry);
    const others = words.filter((word) => !place.includes(word));
    if (others.length === 0) return true;
    const text = sentence(recording, entry).toLowerCase();
    return others.every((word) => text.includes(word));
  };
}
