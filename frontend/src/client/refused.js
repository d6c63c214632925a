/** A refusal with its `code` and a `message` for the user: the server's, or one of the client's own (WORDS). */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

/** What the client itself says, in English, where it is given no other `words`. */
const WORDS = {
  too_large: ({ most }) => `A message may have at most ${most} bytes.`,
  closed: () => "The connection was closed.",
  broken: ({ close }) => `The server closed the connection for good (${close}).`,
  foreign: () => "The server sent somebody else's events.",
};

export const inEnglish = (code, values) => WORDS[code](values);
