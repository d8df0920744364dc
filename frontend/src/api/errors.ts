/** What went wrong, as a stable code; and what a person can do about it, in plain words. */

export type Remedy = 'retry' | 'refresh' | 'stop';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly re: string;

  constructor(code: string, message: string, status: number, re = '') {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.re = re;
  }
}

/** The server could not be reached: nothing is known of what it did. */
export class Offline extends Error {
  constructor() {
    super('You seem to be offline.');
    this.name = 'Offline';
  }
}

const WORDS: Record<string, string> = {
  not_found: 'There is nothing here that you can open. It may have ended, or it was never shared with you.',
  signed_out: 'Your session has ended. Please sign in again.',
  refused: 'This is not allowed.',
  conflict: 'This changed while you were looking. Please try again.',
  gone: 'This was taken back by who sent it. It is destroyed.',
  too_large: 'This is too large to be sent here.',
  person_full: 'You keep as many files as you may. Take back some, or ask your administrator for more room.',
  thread_full: 'This conversation keeps as many files as it may.',
  disk_full: 'The server has no room for files just now. It is tried again.',
  device_full: 'This device has no room to seal the file. Free some space and choose it again.',
  interrupted: 'The page was closed before the file was sealed. Choose it again.',
  E_ATT: 'This file is not what its message says. It is not shown and not saved.',
  E_ATT_TRUNC: 'A part of this file is missing. It is not shown and not saved.',
  E_ATT_TRAIL: 'There is more in this file than its message says. It is not shown and not saved.',
  busy: 'The server is busy. Please try again in a moment.',
  too_many: 'Too many attempts. Please wait a little and try again.',
  unavailable: 'This part of the service is not available at the moment.',
  internal: 'Something went wrong on the server. It was noted.',
  enrolment_code: 'That code is unknown, was used already, or has expired. Ask the person who gave it to you for a new one.',
  already_enrolled: 'This account has its keys already. Please sign in.',
  wrong_password: 'That password does not match.',
  wrong_recovery: 'That e-mail address and recovery code do not belong together.',
  care_team_elsewhere: 'A colleague of another organisation comes in by the patient’s permission: invite them in the conversation.',
  second_factor: 'Enter the code of your authenticator app.',
  sso_state: 'This sign-in was not begun in this browser, or took too long. Begin it again.',
  sso_answer: 'The sign-in service gave an answer that does not hold. Nobody was signed in. Tell your administrator if it happens again.',
  sso_unlinked: 'No account here is linked with you there. Sign in with your password, and link it on your account page.',
  sso_closed: 'Your account here is closed, or you hold no post at that organisation any more.',
  sso_taken: 'That sign-in belongs to another account here.',
  sso_down: 'Your organisation’s sign-in does not answer. Sign in with your password, or try again later.',
  sso_cancelled: 'The sign-in was cancelled there. Nobody was signed in.',
  no_passkey: 'No passkey was used. Try again, or sign in another way.',
  passkey_known: 'This device has a passkey of yours already.',
  prove_again: 'Enter your password again first.',
  incorrect_code: 'That code is not right, or was used already. Wait for the next one.',
  second_factor_needed: 'Show your second factor again: it counts for 15 minutes.',
  attestation_needed: 'Say that this is an emergency and that you need to know.',
  cosigner_needed: 'A second clinician must co-sign: the patient refused you by name, or this is not your first within a day.',
  emergency_not_needed: 'You may read this record already. No emergency is needed.',
  emergency_still_open: 'It is still open. End it first, or wait until it is over.',
  emergency_over: 'Nobody waits for this any more.',
  BREAK_GLASS_REFUSED: 'This organisation does not open records in an emergency.',
  BREAK_GLASS_NEEDS_COSIGN: 'The patient has refused you by name. A second clinician must co-sign.',
  EMERGENCY_REFUSED_BY_PATIENT: 'The patient has said, while able to decide, that no emergency opens this record.',
  E_UNWRAP: 'That password does not open your keys.',
  E_KDF_WEAK: 'The server asks for a weaker lock on your password than is safe. Nothing was sent to it. Stop, and tell your privacy officer. (E_KDF_WEAK)',
  E_KDF_DOS: 'The server asks for more work on your password than any device can do. Nothing was sent to it. Stop, and tell your privacy officer. (E_KDF_DOS)',
  E_KEYRING_ROLLBACK: 'The server gives you older keys than your newest ones. Stop, and tell your privacy officer. (E_KEYRING_ROLLBACK)',
  E_KEY_CHANGED: 'Somebody’s key was replaced. Nothing is sent until this is checked in person.',
  E_LOG_FORK: 'The server shows this conversation differently to different people. Stop, and tell your privacy officer.',
  E_LOG_ROLLBACK: 'The server shows an older state than you have seen before. Stop, and tell your privacy officer.',
  protocol_version: 'This page is older than the server. Update it to go on; what you wrote is kept.',
  E_UNSUPPORTED: 'This needs a newer version of the app. Please reload the page.',
};

const RETRY = new Set(['conflict', 'busy', 'too_many', 'unavailable', 'sso_down', 'internal', 'E_LOG_BEHIND', 'E_STALE_EPOCH', 'E_SEAL_MISSING']);
const REFRESH = new Set(['E_UNSUPPORTED', 'E_VERSION', 'E_SUITE', 'protocol_version', 'unknown_frame', 'bad_frame', 'signed_out']);

export function codeOf(error: unknown): string {
  if (error instanceof Offline) return 'offline';
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return 'internal';
}

/** The sentence for a person; the code stays beside it for whoever helps them. */
export function inWords(error: unknown): string {
  if (error instanceof Offline) return 'You seem to be offline. Nothing is lost: try again when you are connected.';
  const code = codeOf(error);
  const known = WORDS[code];
  if (known) return known;
  if (error instanceof Error && error.message) return error.message;
  return 'Something went wrong. Please try again.';
}

/** Why something that the server gave is not shown: what exactly is broken is for whoever looks the code up. */
export function whyStopped(error: unknown): string {
  const code = codeOf(error);
  if (!code.startsWith('E_') || remedyOf(code) !== 'stop') return inWords(error);
  return WORDS[code] ?? 'What the server gave does not hold when it is checked, and is not shown. Stop, and tell your privacy officer.';
}

export function remedyOf(code: string): Remedy {
  if (code === 'offline' || RETRY.has(code)) return 'retry';
  if (REFRESH.has(code)) return 'refresh';
  return 'stop';
}
