/** A refusal of the server's, with its `code` and a `message` for the user. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}
