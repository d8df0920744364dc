/** What is wrong with a new password, or ''. Length is what resists guessing; the common ones are no passwords. */
export function passwordTrouble(password: string): string {
  if (password.length < 12) return 'Use at least 12 characters.';
  if (new Set(password).size < 6) return 'Use more different characters.';
  if (/^(password|qwerty|letmein|welcome|123456)/i.test(password)) return 'This is one of the first passwords that would be tried.';
  return '';
}
