import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchQuietHours, putQuietHours } from '../../api/urgency';
import { clockText, minuteOf } from '../../model/urgency';
import type { QuietHoursPut } from '../../wire.gen';
import { Banner, Button, Card, TextField, toast } from '../kit';
import { useAct } from '../useAct';

function Hours({ held }: { held: QuietHoursPut }) {
  const [start, setStart] = useState(clockText(held.start));
  const [end, setEnd] = useState(clockText(held.end));
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const zone = held.start === held.end ? Intl.DateTimeFormat().resolvedOptions().timeZone : held.zone;
  const [from, to] = [minuteOf(start), minuteOf(end)];
  const save = () =>
    act(async () => {
      if (from === null || to === null) return;
      await putQuietHours({ zone, start: from, end: to });
      await cache.invalidateQueries({ queryKey: ['quiet-hours'] });
      toast(from === to ? 'You have no quiet hours.' : 'Your quiet hours are kept.');
    });
  return (
    <>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="row urgency-line">
        <TextField label="From" type="time" value={start} onChange={setStart} />
        <TextField label="To" type="time" value={end} onChange={setEnd} />
        <Button isPending={isActing} isDisabled={from === null || to === null} onPress={() => void save()}>
          Keep
        </Button>
      </div>
      <p className="small muted">Time zone: {zone}. The same time twice means no quiet hours.</p>
    </>
  );
}

/** When routine notices wait until morning. */
export function QuietHoursCard() {
  const held = useQuery({ queryKey: ['quiet-hours'], queryFn: fetchQuietHours });
  return (
    <Card as="section" label="Quiet hours">
      <div className="stack-2">
        <h2>Quiet hours</h2>
        <p className="muted">Notices outside the app wait until they are over. An urgent message that somebody addressed to you breaks through.</p>
        {held.data ? <Hours key={`${held.data.start} ${held.data.end}`} held={held.data} /> : null}
      </div>
    </Card>
  );
}
