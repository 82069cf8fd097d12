/** Predict, then see: questions about a step whose outcome is hidden until the reader answers. */
import type { Question } from "../../recording/questions.ts";
import { amount } from "../../words.ts";
import { button, focus_on, h } from "../dom.ts";
import type { Stage } from "../stage/stage.ts";

export class QuestionsPanel {
  readonly element: HTMLElement;
  readonly #stage: Stage;
  /** The questions and their entries, without those whose call is missing. */
  readonly #questions: readonly { readonly question: Question; readonly entry: number }[];
  readonly #picked = new Map<number, number>();
  #at = 0;
  #open = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#questions = stage.recording.questions.flatMap((question) => {
      const entry = stage.recording.entry_of(question.process, question.call);
      return entry === null ? [] : [{ question, entry }];
    });
    this.element = h("div", { class: "questions" });
    stage.follow(() => {
      // Stepping elsewhere gives the question up.
      if (this.#open && stage.hidden_from === null) this.#open = false;
      this.#show();
    });
  }

  #show(): void {
    const current = this.#questions[this.#at];
    if (current === undefined) {
      const none = "This recording raises no questions: it may be too short.";
      this.element.replaceChildren(h("p", { class: "empty" }, none));
      return;
    }
    const right = [...this.#picked].filter(
      ([at, pick]) => this.#questions[at]?.question.answer === pick,
    ).length;
    const score =
      this.#picked.size === 0 ? "" : ` · ${right} of ${amount(this.#picked.size, "answer")} right`;
    const shown = this.#open || this.#picked.has(this.#at);
    this.element.replaceChildren(
      h("p", { class: "caption" }, `Question ${this.#at + 1} of ${this.#questions.length}${score}`),
      ...(shown ? this.#asked(current.question) : this.#invitation()),
      h(
        "div",
        { class: "question-tools" },
        this.#at > 0 ? button("Previous question", () => this.#go(-1)) : null,
        this.#at < this.#questions.length - 1 ? button("Next question", () => this.#go(1)) : null,
      ),
    );
  }

  #invitation(): HTMLElement[] {
    const text =
      "What will the kernel do? The recording stops before a call, hides what follows, and asks.";
    return [h("p", {}, text), button("Ask me", () => this.#ask())];
  }

  #asked(question: Question): HTMLElement[] {
    const picked = this.#picked.get(this.#at);
    const choices = question.choices.map((text, index) => {
      const state = choice_state(index, picked, question.answer);
      const choice = button(text, () => this.#pick(index));
      choice.className = `choice ${state}`;
      choice.disabled = picked !== undefined;
      return h("li", {}, choice, state === "" ? null : h("span", { class: "verdict" }, state));
    });
    const verdict = picked === question.answer ? "Right. " : "Wrong. ";
    return [
      h("h3", {}, question.question),
      h("ol", { class: "choices" }, ...choices),
      h(
        "div",
        { role: "status" },
        picked === undefined
          ? null
          : h("p", { class: "explanation" }, h("b", {}, verdict), question.explanation),
      ),
    ];
  }

  #go(direction: 1 | -1): void {
    this.#at += direction;
    if (this.#picked.has(this.#at)) {
      this.#open = false;
      this.#stage.go(this.#questions[this.#at].entry);
    } else {
      this.#ask();
    }
  }

  #ask(): void {
    this.#open = true;
    this.#stage.ask(this.#questions[this.#at].entry);
    this.#focus(".choice");
  }

  #pick(choice: number): void {
    this.#picked.set(this.#at, choice);
    this.#open = false;
    this.#stage.reveal();
    this.#focus(".question-tools button:last-child");
  }

  /** The buttons that were there are gone. */
  #focus(selector: string): void {
    focus_on(this.element.querySelector<HTMLElement>(selector) ?? this.element);
  }
}

function choice_state(index: number, picked: number | undefined, answer: number): string {
  if (picked === undefined) return "";
  if (index === answer) return "right";
  return index === picked ? "wrong" : "";
}
