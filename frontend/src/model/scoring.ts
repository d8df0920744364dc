/** Scores a questionnaire from its data file, as records/scoring.py does; tests/records/cases.json holds both. */
import gad7 from '../../../records/instruments/gad7.json';
import phq9 from '../../../records/instruments/phq9.json';

export type Answer = { code: string; text: string; value: number };
export type Item = { id: string; code: string; text: string };
export type OwnItem = Item & { answers: Answer[] };
export type Alert = { kind: string; item?: string; at_least: number; text: string };
export type Instrument = {
  id: string;
  version: string;
  name: string;
  title: string;
  credit: string;
  system: string;
  panel: string;
  total: string;
  stem: string;
  answers: Answer[];
  items: Item[];
  unscored: OwnItem[];
  bands: { from: number; to: number; name: string }[];
  change: { reliable: number; response_percent: number; remission_below: number };
  alerts: Alert[];
};
export type Score = { total: number | null; band: string | null; missing: string[]; alerts: string[] };

const SHIPPED: readonly Instrument[] = [phq9, gad7];

export function instruments(): readonly Instrument[] {
  return SHIPPED;
}

export function instrument(id: string): Instrument | undefined {
  return SHIPPED.find((one) => one.id === id);
}

/** There is no total unless every scored item is answered; an item's own alert does not wait for the rest. */
export function score(chosen: Instrument, answers: Readonly<Record<string, number>>, previous: number | null = null): Score {
  const allowed = new Map<string, readonly Answer[]>();
  for (const item of chosen.items) allowed.set(item.id, chosen.answers);
  for (const item of chosen.unscored) allowed.set(item.id, item.answers);
  for (const [item, value] of Object.entries(answers)) {
    if (!allowed.get(item)?.some((answer) => answer.value === value))
      throw new RangeError(`${value} is no answer to item ${item} of ${chosen.id}`);
  }
  const missing = chosen.items.filter((item) => answers[item.id] === undefined).map((item) => item.id);
  const total = missing.length ? null : chosen.items.reduce((sum, item) => sum + (answers[item.id] ?? 0), 0);
  const band = total === null ? null : (chosen.bands.find((one) => one.from <= total && total <= one.to)?.name ?? null);
  return { total, band, missing, alerts: fired(chosen, answers, total, previous) };
}

function fired(chosen: Instrument, answers: Readonly<Record<string, number>>, total: number | null, previous: number | null): string[] {
  const found: string[] = [];
  for (const alert of chosen.alerts) {
    if (alert.kind === 'item') {
      if ((answers[alert.item ?? ''] ?? 0) >= alert.at_least) found.push(`item:${alert.item}`);
    } else if (total === null) continue;
    else if (alert.kind === 'total') {
      if (total >= alert.at_least) found.push('total');
    } else if (previous !== null && total - previous >= alert.at_least) found.push('rise');
  }
  return found;
}

/** The sentence of an alert that `score` named. */
export function alertText(chosen: Instrument, name: string): string {
  const [kind, item] = name.split(':');
  return chosen.alerts.find((alert) => alert.kind === kind && (kind !== 'item' || alert.item === item))?.text ?? name;
}
