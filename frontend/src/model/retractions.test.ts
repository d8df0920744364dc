import { expect, it } from 'vitest';
import { ContentType } from '../crypto/tables.gen';
import { takenBack } from './retractions';

const message = (msgId: string, sender: string, ref?: string) => ({ msgId, sender, ctype: ref === undefined ? ContentType.TEXT : ContentType.REDACT, body: JSON.stringify({ text: '', ref }) });

it('takes back what its own sender names, and nothing of anybody else', () => {
  const found = takenBack([message('one', 'elena'), message('two', 'maya'), message('three', 'elena', 'one'), message('four', 'elena', 'two'), message('five', 'elena', 'absent'), message('six', 'elena', 'one')]);
  expect([...found]).toEqual([['one', 'three']]);
});

it('reads no retraction out of what is none', () => {
  expect(takenBack([message('one', 'elena'), { ...message('two', 'elena', 'one'), ctype: ContentType.TEXT }, { ...message('three', 'elena', 'one'), body: 'no JSON' }])).toEqual(new Map());
});
