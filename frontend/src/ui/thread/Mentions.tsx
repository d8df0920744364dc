import type { Named } from '../../model/speech';

/** What is being written after the last @ before the caret: where it begins, and its letters; null when nothing is. */
export function openMention(text: string, caret: number): { from: number; letters: string } | null {
  const found = /(?:^|\s)@([\p{L}\p{N}.'’-]*(?: [\p{L}\p{N}.'’-]*){0,2})$/u.exec(text.slice(0, caret));
  return found ? { from: caret - (found[1] ?? '').length, letters: (found[1] ?? '').toLowerCase() } : null;
}

export function suggested(people: readonly Named[], letters: string): Named[] {
  return people.filter(({ name }) => {
    const words = name.toLowerCase();
    return words !== letters.trimEnd() && (words.startsWith(letters) || words.split(' ').some((word) => word.startsWith(letters)));
  });
}

type SuggestionProps = { id: string; people: readonly Named[]; chosen: number; onChoose: (person: Named) => void };

/** The members who may be meant; the focus stays in the text, where the arrow keys go up and down in this list. */
export function Suggestions({ id, people, chosen, onChoose }: SuggestionProps) {
  return (
    <div id={id} role="listbox" aria-label="Members whom you may mean" className="suggestions">
      {people.map((person, index) => (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the text field has the keys
        <div
          key={person.user}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          tabIndex={-1}
          className="suggestion"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(person)}
        >
          <bdi>{person.name}</bdi>
        </div>
      ))}
    </div>
  );
}
