import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ThreadView } from '../../model/threadView';
import { Button, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

/** A closed conversation is not opened again: one about the same patient, with the same name, goes on from it. */
export function FollowUp({ view }: { view: ThreadView }) {
  const { threads, patients } = useModel();
  const navigate = useNavigate();
  const { isActing, act } = useAct();
  const caseload = useQuery({ queryKey: ['patients'], queryFn: () => patients.all() });
  const patient = caseload.data?.find((one) => one.id === view.patient);
  if (!patient) return null;
  const begin = async () => {
    try {
      const threadId = await threads.start(patient);
      if (view.subject && threads.open(threadId).view.get().canPost) await threads.name(threadId, view.subject);
      await navigate({ to: '/threads/$threadId', params: { threadId } });
    } catch (error) {
      toast(error instanceof Error ? error.message : 'The conversation could not be started.', 'stop');
    }
  };
  return (
    <Button icon="message" isPending={isActing} onPress={() => void act(begin)}>
      Begin a follow-up conversation
    </Button>
  );
}
