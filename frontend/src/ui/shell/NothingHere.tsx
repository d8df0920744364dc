import { Link } from '@tanstack/react-router';
import { HOME } from '../../model/plain/home';
import { EmptyState } from '../kit';

export function NothingHere() {
  return (
    <EmptyState
      icon="search"
      title={HOME.absent}
      action={
        <Link to="/" className="button button-primary button-md">
          {HOME.start}
        </Link>
      }
    >
      {HOME.absentMore}
    </EmptyState>
  );
}
