import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchHousePatients } from '../../api/office';
import { dayOf } from '../../model/words';
import type { OfficePatient } from '../../wire.gen';
import { Avatar, Badge, Banner, Button, Card, EmptyState, Page, SearchField, Spinner, Tabs } from '../kit';
import { OnCallCard } from '../urgency';
import { useModel, useValue } from '../useModel';
import { ReviewList } from '../emergency/ReviewList';
import { DutiesCard } from './DutiesCard';
import { PatientStanding } from './PatientStanding';
import { RulesCard } from './RulesCard';

function HousePatients({ house }: { house: string }) {
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<OfficePatient | null>(null);
  const found = useQuery({ queryKey: ['house-patients', house, text, page], queryFn: () => fetchHousePatients(house, text, page) });
  const search = (words: string) => {
    setText(words);
    setPage(1);
  };
  return (
    <section className="stack" aria-label="Patients">
      <SearchField label="Find a patient of the house" placeholder="Find a patient by name" value={text} onChange={search} />
      {found.isError ? <Banner tone="stop">{found.error.message}</Banner> : null}
      {found.isPending ? (
        <Spinner label="Looking" />
      ) : found.data?.patients.length ? (
        <ul className="case-list" aria-label="Patients of the house">
          {found.data.patients.map((one) => (
            <li className="case" key={one.id}>
              <Avatar name={one.name} patient />
              <div className="grow stack-0">
                <span className="strong truncate">{one.name}</span>
                <span className="small muted">
                  {one.birth_date ? `Born ${dayOf(Date.parse(one.birth_date))} · ` : ''}
                  {one.has_account ? 'Signs for themselves' : 'Has no account: words are witnessed'}
                </span>
              </div>
              {one.acting ? <Badge tone="info">{one.acting} acting</Badge> : null}
              <Button size="sm" onPress={() => setChosen(one)}>
                Who acts<span className="visually-hidden"> for {one.name}</span>
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState icon="people" title="Nobody by that name" />
      )}
      {found.data && (found.data.more || page > 1) ? (
        <div className="pager row">
          <Button isDisabled={page === 1} onPress={() => setPage(page - 1)}>
            Back
          </Button>
          <Button isDisabled={!found.data.more} onPress={() => setPage(page + 1)}>
            More
          </Button>
        </div>
      ) : null}
      {chosen ? <PatientStanding patient={chosen} onClose={() => setChosen(null)} /> : null}
    </section>
  );
}

/** The privacy officer's page: who acts for whom, who holds which duty, and the house's own rules. */
export function OfficePage() {
  const { office } = useModel();
  const house = useValue(office.house);
  if (!house)
    return (
      <Page title="Privacy office" width="narrow">
        <Card>
          <p>This is for the privacy officer of your organisation.</p>
        </Card>
      </Page>
    );
  return (
    <Page title="Privacy office" lead={house.name}>
      <Tabs
        label="Privacy office"
        items={[
          { id: 'patients', name: 'Who acts for whom', content: <HousePatients house={house.id} /> },
          { id: 'emergencies', name: 'Emergencies', content: <ReviewList /> },
          { id: 'duties', name: 'Duties', content: <DutiesCard house={house.id} /> },
          { id: 'on-call', name: 'On call', content: <OnCallCard house={house.id} /> },
          { id: 'rules', name: 'Our rules', content: <RulesCard house={house.id} /> },
        ]}
      />
    </Page>
  );
}
