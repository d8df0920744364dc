import { useQuery } from '@tanstack/react-query';
import { fetchEmergenciesAbout } from '../../api/emergency';
import { Banner, Card } from '../kit';
import { useModel, useValue } from '../useModel';
import { Facts, StateBadge } from './EmergencyCard';

/** The patient’s own view: who opened what in an emergency, and what came of it. Nothing where there was none. */
export function EmergenciesAboutMe({ patient }: { patient: string }) {
  const { emergencies } = useModel();
  const version = useValue(emergencies.version);
  const found = useQuery({ queryKey: ['emergencies-about', patient, version], queryFn: () => fetchEmergenciesAbout(patient) });
  const list = found.data?.emergencies ?? [];
  if (list.length === 0) return null;
  const isOpen = list.some((one) => one.state === 'open');
  return (
    <section className="stack" aria-labelledby="emergencies">
      <h2 id="emergencies">Read in an emergency</h2>
      {isOpen ? (
        <Banner tone="stop" icon="alert" title="Somebody reads what you share, because of an emergency">
          It ends by itself. The privacy officer checks it. If you did not need help, tell your team.
        </Banner>
      ) : null}
      {list.map((one) => (
        <Card as="article" key={one.id} label={`Emergency, ${one.name}`}>
          <div className="stack">
            <div className="row-between">
              <div className="stack-0">
                <h3>{one.name}</h3>
                <p className="small muted">{one.organisation_name}</p>
              </div>
              <StateBadge one={one} />
            </div>
            <Facts one={one} />
            {one.outcome ? null : <p className="small muted">A privacy officer will check this within three days and write here what they found.</p>}
          </div>
        </Card>
      ))}
    </section>
  );
}
