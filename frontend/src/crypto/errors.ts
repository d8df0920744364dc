import type { ErrorCode } from './tables.gen';

/** A rule of docs/protocol.md is broken; `code` is from the closed list there and the same in both languages. */
export class Ct1Error extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string = code) {
    super(message);
    this.name = 'Ct1Error';
    this.code = code;
  }
}

/** The vault cannot do this in its present state; never a verdict about what somebody sent. */
export class VaultError extends Error {
  readonly code: 'locked' | 'no_keys' | 'no_thread' | 'no_call' | 'no_file' | 'no_password' | 'internal';

  constructor(code: VaultError['code'], message: string) {
    super(message);
    this.name = 'VaultError';
    this.code = code;
  }
}
