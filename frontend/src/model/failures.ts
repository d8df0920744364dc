/** What to do when somebody's device could not open a message, by the code that it reported. */

const NO_KEY = 'Ask them to open this conversation again while you have it open: the missing key is given to them then. Until they have it, tell them another way.';
const OLD_APP = 'Their app is too old for it: ask them to reload the page.';
const NOT_TRUSTED = 'Their device found it changed or out of place. Say it another way, compare your keys under “Who can read this”, and tell whoever runs the service.';

const ADVICE: Record<string, string> = {
  E_SEAL_MISSING: NO_KEY,
  E_SEAL: NO_KEY,
  E_SEAL_CTX: NO_KEY,
  E_NO_EPOCH: NO_KEY,
  E_EPOCH_ORDER: NO_KEY,
  E_LOG_BEHIND: NO_KEY,
  E_VERSION: OLD_APP,
  E_SUITE: OLD_APP,
  E_UNSUPPORTED: OLD_APP,
};

export function adviceFor(code: string): string {
  return ADVICE[code] ?? NOT_TRUSTED;
}
