import { describe, expect, it } from 'vitest';
import { parseBody } from './body';
import { instrument } from './scoring';
import { answersOf, openRequests, resultsOf, screeningRequest, screeningResponse } from './screening';
import type { Line, MessageLine } from './timeline';

const phq9 = instrument('phq9');
if (!phq9) throw new Error('phq9');
const ALL_ONES = Object.fromEntries(phq9.items.map((item) => [item.id, 1]));

function said(msgId: string, at: number, body: { text: string; card: MessageLine['card'] }): MessageLine {
  const sender = { user: 'u', name: 'Maya', role: 'patient', organisation: '', isMe: false, isPatient: true };
  return { kind: 'message', key: msgId, seq: at, msgId, at, sender, ...body };
}

describe('a screening', () => {
  it('works: what is answered comes back from the wire as it was', () => {
    const sent = screeningResponse(phq9, 'request', { ...ALL_ONES, difficulty: 2 }, 0);
    const { card } = parseBody(JSON.stringify(sent));
    expect(card?.kind === 'screening.response' && answersOf(phq9, card.resource)).toEqual({ ...ALL_ONES, difficulty: 2 });
    expect(sent.text).toBe('PHQ-9 answered, total 9.');
  });

  it('is open until it is answered', () => {
    const request = said('a', 1, screeningRequest(phq9));
    const lines: Line[] = [request];
    expect(openRequests(lines)).toEqual([request]);
    expect(openRequests([...lines, said('b', 2, screeningResponse(phq9, 'a', ALL_ONES, 0))])).toEqual([]);
  });

  it('is scored against the one before', () => {
    const threes = Object.fromEntries(phq9.items.map((item) => [item.id, 3]));
    const lines = [said('b', 2, screeningResponse(phq9, 'a', ALL_ONES, 0)), said('d', 4, screeningResponse(phq9, 'c', threes, 0))];
    const results = resultsOf(lines).get('phq9');
    expect(results?.map((one) => [one.previous, one.score.total, one.score.alerts])).toEqual([
      [null, 9, ['item:9']],
      [9, 27, ['item:9', 'total', 'rise']],
    ]);
  });

  it('leaves out what does not belong to the instrument', () => {
    const sent = screeningResponse(phq9, 'a', ALL_ONES, 0);
    sent.card.resource.item.push({ linkId: '10', answer: [{ valueCoding: { system: 'x', code: 'LA6571-9', display: 'x' } }] });
    expect(answersOf(phq9, sent.card.resource)).toEqual(ALL_ONES);
  });
});

describe('a body from another client', () => {
  it('shows its text when the card is unknown', () => {
    expect(parseBody('{"text":"Plan","card":{"kind":"plan.next","instrument":"x"}}')).toEqual({ text: 'Plan', card: null });
  });

  it('is never trusted to be well formed', () => {
    expect(parseBody('not json').text).toBe('not json');
    expect(parseBody('null').text).toBe('null');
    expect(parseBody('{"text":5,"card":7}')).toEqual({ text: '', card: null });
  });

  it.each(['null', '7', '{"linkId":"1"}', '{"linkId":"1","answer":[null]}', '{"linkId":"1","answer":[{}]}'])('ends no page by an answer such as %s', (item) => {
    const body = parseBody(`{"text":"Answered","card":{"kind":"screening.response","instrument":"phq9","resource":{"item":[${item}]}}}`);
    expect(resultsOf([said('a', 1, body)])).toEqual(new Map());
    expect(body).toEqual({ text: 'Answered', card: null });
  });
});
