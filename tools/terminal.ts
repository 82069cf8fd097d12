/** How wide texts are for the terminal. */
import wrap from "wrap-ansi";

/** The columns of a terminal, but no more than 80, so that the output can be quoted; 80 where it is none. */
export function width_of({ columns }: { readonly columns?: number }): number {
  return Math.min(columns ?? 80, 80);
}

/** A text in lines that fit. */
export function folded(text: string, stream: { readonly columns?: number }): string {
  return wrap(text, width_of(stream));
}
