/** Text as HTML, in an element or in a quoted attribute. */
export function html_text(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
