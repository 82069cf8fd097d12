/** Something that the person at the keyboard can mend: its message says what it is, and how. */
export class Misuse extends Error {
  override readonly name: string = "Misuse";
}
