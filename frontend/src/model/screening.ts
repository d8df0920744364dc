/** Screenings as cards: what is asked, what was answered, and the course of the scores over time. */
import { instrument, score, type Instrument, type Score } from './scoring';
import type { Line, MessageLine, QuestionnaireResponse, ScreeningRequest, ScreeningResponse } from './timeline';

export const DUE_SOON_DAYS = 14;

/** The card that asks for a form. */
export function screeningRequest(chosen: Instrument): { text: string; card: ScreeningRequest } {
  return { text: `Please fill in the ${chosen.name}.`, card: { kind: 'screening.request', instrument: chosen.id, version: chosen.version } };
}

/** The card that answers it: a FHIR R4 QuestionnaireResponse, and a text for whoever cannot read that. */
export function screeningResponse(
  chosen: Instrument,
  request: string,
  answers: Readonly<Record<string, number>>,
  now: number,
): { text: string; card: ScreeningResponse } {
  const items = [...chosen.items.map((item) => ({ item, choices: chosen.answers })), ...chosen.unscored.map((item) => ({ item, choices: item.answers }))];
  const resource: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: `urn:consilium:instrument:${chosen.id}|${chosen.version}`,
    authored: new Date(now).toISOString(),
    item: items.flatMap(({ item, choices }) => {
      const given = choices.find((choice) => choice.value === answers[item.id]);
      return given ? [{ linkId: item.id, answer: [{ valueCoding: { system: chosen.system, code: given.code, display: given.text } }] }] : [];
    }),
  };
  const total = score(chosen, answers).total;
  return {
    text: `${chosen.name} answered${total === null ? '' : `, total ${total}`}.`,
    card: { kind: 'screening.response', instrument: chosen.id, version: chosen.version, request, resource },
  };
}

/** Item id → value of a response; what does not belong to the instrument is left out. */
export function answersOf(chosen: Instrument, resource: QuestionnaireResponse): Record<string, number> {
  const answers: Record<string, number> = {};
  for (const { linkId, answer } of resource.item) {
    const own = chosen.unscored.find((item) => item.id === linkId);
    const known = own ?? chosen.items.find((item) => item.id === linkId);
    const code = answer[0]?.valueCoding.code;
    const value = (own?.answers ?? chosen.answers).find((choice) => choice.code === code)?.value;
    if (known && value !== undefined) answers[linkId] = value;
  }
  return answers;
}

export type Result = { line: MessageLine; instrument: Instrument; answers: Record<string, number>; score: Score; previous: number | null };

/** Every answered screening of a thread by instrument, oldest first, each scored against the one before it. */
export function resultsOf(lines: readonly Line[]): Map<string, Result[]> {
  const found = new Map<string, Result[]>();
  for (const line of lines) {
    if (line.kind !== 'message' || line.card?.kind !== 'screening.response') continue;
    const chosen = instrument(line.card.instrument);
    if (!chosen) continue;
    const results = found.get(chosen.id) ?? [];
    const previous = results[results.length - 1]?.score.total ?? null;
    const answers = answersOf(chosen, line.card.resource);
    results.push({ line, instrument: chosen, answers, previous, score: score(chosen, answers, previous) });
    found.set(chosen.id, results);
  }
  return found;
}

/** The requests that nobody has answered, the oldest first; an answer answers all that were asked before it. */
export function openRequests(lines: readonly Line[]): MessageLine[] {
  let open: MessageLine[] = [];
  for (const line of lines) {
    if ((line.kind !== 'message' && line.kind !== 'outgoing') || line.card === null) continue;
    const { instrument: asked } = line.card;
    if (line.card.kind === 'screening.response') open = open.filter((request) => request.card?.instrument !== asked);
    else if (line.kind === 'message') open.push(line);
  }
  return open;
}
