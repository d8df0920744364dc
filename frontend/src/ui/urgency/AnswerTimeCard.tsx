import { useQuery, useQueryClient } from '@tanstack/react-query';
import { fetchAnswerTime, putAnswerTime } from '../../api/urgency';
import { ANSWER_TIMES, type AnswerTime } from '../../model/answerTime';
import { Banner, Card, RadioGroup, toast } from '../kit';
import { useAct } from '../useAct';

const CHOICES = ANSWER_TIMES.map(({ id, words }) => ({ id, name: id === '' ? 'I would rather not say' : `${words.charAt(0).toUpperCase()}${words.slice(1)}`, detail: '' }));

/** What others are told beside the line they write in. */
export function AnswerTimeCard() {
  const cache = useQueryClient();
  const held = useQuery({ queryKey: ['answer-time'], queryFn: fetchAnswerTime });
  const { trouble, act } = useAct();
  const keep = (within: AnswerTime) =>
    act(async () => {
      await putAnswerTime({ within });
      await cache.invalidateQueries({ queryKey: ['answer-time'] });
      toast('Kept. Others see it where they write to you.');
    });
  return (
    <Card as="section" label="When you answer">
      <div className="stack-2">
        <h2>When you answer</h2>
        <p className="muted">Whoever writes in a conversation with you sees it. It is no promise, and a conversation is not a line for emergencies.</p>
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : null}
        {held.data ? <RadioGroup label="I usually answer" value={held.data.within} onChange={(within) => void keep(within)} choices={CHOICES} /> : null}
      </div>
    </Card>
  );
}
