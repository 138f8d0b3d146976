// Three ways to say no, as ledger/errors.py has them: bytes without form, a proof that does not
// hold, a question that cannot be answered here. The code says which; docs/errors.md has the words.

export class VerifyError extends Error {
  constructor(code, message = code) {
    super(message);
    this.code = code;
  }
}
export class MalformedError extends VerifyError {}
export class ProofError extends VerifyError {}
export class UndecidedError extends VerifyError {}
