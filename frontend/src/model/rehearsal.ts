/** "Who would still see it": the server's answer about a change that is not signed yet, person by person. */
import type { RehearsalOut, Seer } from '../wire.gen';

export type SeerView = { user: string; name: string; about: string; directives: string[]; before: boolean; after: boolean; joinsAfter: boolean };

/** Each person once over all conversations: `stays` still sees something, `goes` sees nothing more, `comes` is new. */
export type Rehearsal = { stays: SeerView[]; goes: SeerView[]; comes: SeerView[] };

function merged(seers: readonly Seer[]): SeerView {
  const first = seers[0];
  return {
    user: first?.user ?? '',
    name: first?.name ?? '',
    about: [first?.role, first?.organisation].filter(Boolean).join(', '),
    directives: [...new Set(seers.filter((one) => one.after.length).flatMap((one) => one.directives))],
    before: seers.some((one) => one.before.length > 0),
    after: seers.some((one) => one.after.length > 0),
    joinsAfter: seers.some((one) => one.after.includes('join')),
  };
}

export function rehearsalOf(answer: RehearsalOut): Rehearsal {
  const found = new Map<string, Seer[]>();
  for (const place of answer.places) for (const seer of place.seers) found.set(seer.user, [...(found.get(seer.user) ?? []), seer]);
  const people = [...found.values()].map(merged).sort((one, other) => one.name.localeCompare(other.name));
  return {
    stays: people.filter((one) => one.before && one.after),
    goes: people.filter((one) => one.before && !one.after),
    comes: people.filter((one) => !one.before && one.after),
  };
}
