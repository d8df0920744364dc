import { useQuery } from '@tanstack/react-query';
import { fetchCrisisLines } from '../../api/urgency';
import { Banner } from '../kit';

/** That nobody watches this day and night, and whom to call instead. */
export function CrisisNote({ isUrgent }: { isUrgent: boolean }) {
  const lines = useQuery({ queryKey: ['crisis-lines'], queryFn: fetchCrisisLines, staleTime: Infinity });
  const known = lines.data?.lines ?? [];
  const words = (
    <>
      This is not an emergency line: nobody may see your message for a while. In danger, call{' '}
      {known.map((line, index) => (
        <span key={line.number}>
          {index ? ', ' : ''}
          <a href={`tel:${line.number.replaceAll(' ', '')}`}>{line.number}</a> ({line.name})
        </span>
      ))}
      {known.length ? '.' : 'the emergency number of your place.'}
    </>
  );
  return isUrgent ? (
    <Banner tone="stop" live>
      {words}
    </Banner>
  ) : (
    <p className="tiny muted composer-readers">{words}</p>
  );
}
