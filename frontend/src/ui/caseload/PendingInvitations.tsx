import { momentOf } from '../../model/words';
import { Banner } from '../kit';
import { useModel, useValue } from '../useModel';

/** What an invitee may know before the patient agrees: that somebody asks, and nothing else. */
export function PendingInvitations() {
  const { threads } = useModel();
  const invitations = useValue(threads.invitations);
  const waiting = (invitations?.received ?? []).filter((one) => one.state === 'asked' || one.state === 'agreed');
  if (waiting.length === 0) return null;
  return (
    <section className="stack-2" aria-label="Invitations">
      {waiting.map((one) => (
        <Banner key={one.id} tone="wait" title="Somebody asks you into a conversation">
          {one.state === 'asked' ? 'Waiting for the patient’s permission. Until then you see nothing, not even a name.' : 'The patient has agreed. Your keys are on their way.'}
          <span className="small muted"> Asked {momentOf(one.created_at)}.</span>
        </Banner>
      ))}
    </section>
  );
}
