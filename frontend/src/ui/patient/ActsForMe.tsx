import { useQuery } from '@tanstack/react-query';
import { ACTS_FOR_ME } from '../../model/plain/represented';
import { actsForMe, whoActsFor } from '../../model/represented';
import { Avatar, Card } from '../kit';
import { useModel, useValue } from '../useModel';

/** Who may decide for the patient, by what right, since when and until when. */
export function ActsForMe() {
  const { session } = useModel();
  const patient = useValue(session.me)?.patient ?? '';
  const standing = useQuery({ queryKey: ['standing', patient], queryFn: () => whoActsFor(patient), enabled: patient !== '' });
  if (!standing.data) return null;
  const people = standing.data.authorities.map((one) => ({ one, sentences: actsForMe(one) })).filter(({ sentences }) => sentences.length);
  return (
    <section className="stack" aria-labelledby="acts-for-me">
      <h2 id="acts-for-me">{ACTS_FOR_ME.title}</h2>
      <Card>
        {people.length ? (
          <ul className="stack">
            {people.map(({ one, sentences }) => (
              <li key={one.id} className="row no-wrap">
                <Avatar name={one.name} />
                <p>{sentences.join(' ')}</p>
              </li>
            ))}
            <li className="small muted">{ACTS_FOR_ME.wrong}</li>
          </ul>
        ) : (
          <p>{ACTS_FOR_ME.nobody}</p>
        )}
      </Card>
    </section>
  );
}
