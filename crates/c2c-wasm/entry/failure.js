// Failures on their way out of the engine.

/** A mistake of the program that calls: `code` is stable, `hint` says what would be right. */
export class C2CError extends Error {
  constructor(code, message, hint, options) {
    super(message, options);
    this.name = 'C2CError';
    this.code = code;
    this.hint = hint;
  }
}

/** What the engine refuses becomes a C2CError. */
export function attempt(work) {
  try {
    return work();
  } catch (failure) {
    if (failure instanceof Error || failure?.code === undefined) throw failure;
    throw new C2CError(failure.code, failure.message, failure.hint, { cause: failure });
  }
}

/** A value as messages show it. */
export function shown(value) {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
