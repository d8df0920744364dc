import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { roleName } from '../../model/words';
import { Avatar, Button, EmptyState, Page, SearchField, Spinner } from '../kit';
import { useModel } from '../useModel';

/** Clinicians of every organisation here, by name or organisation. */
export function DirectoryPage() {
  const { directory } = useModel();
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ queryKey: ['directory', wanted, page], queryFn: () => directory.search(wanted, page), placeholderData: (before) => before });
  return (
    <Page title="Directory" width="narrow" lead="Clinicians of all organisations here. To share a patient with one, invite them in that patient’s conversation.">
      <SearchField
        label="Find a clinician"
        placeholder="Name or organisation"
        value={text}
        onChange={(value) => {
          setText(value);
          setPage(1);
        }}
      />
      {found.isPending ? (
        <Spinner />
      ) : found.data?.people.length ? (
        <ul className="case-list" aria-label="Clinicians">
          {found.data.people.map((person) => (
            <li key={`${person.user}-${person.organisation}`} className="case">
              <Avatar name={person.name} />
              <div className="stack-0 grow">
                <span className="strong">{person.name}</span>
                <span className="small muted">
                  {roleName(person.role)} · {person.organisation_name}
                </span>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState icon="search" title="Nobody found">
          Try a part of the name, or the organisation.
        </EmptyState>
      )}
      <div className="row pager">
        {page > 1 ? <Button onPress={() => setPage(page - 1)}>Previous</Button> : null}
        {found.data?.more ? <Button onPress={() => setPage(page + 1)}>Next</Button> : null}
      </div>
    </Page>
  );
}
