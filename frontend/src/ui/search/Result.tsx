import { Link } from '@tanstack/react-router';
import type { FoundMessage } from '../../model/search';
import { momentOf } from '../../model/words';
import type { Piece } from '../../search/snippet';
import { Avatar, Icon } from '../kit';
import { useModel, useValue } from '../useModel';

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <bdi>
      {pieces.map((piece, index) => (piece.isHit ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>))}
    </bdi>
  );
}

/** One message that was found: about or with whom, whose, when, and where the words stand in it. */
export function Result({ message }: { message: FoundMessage }) {
  const me = useValue(useModel().session.me);
  return (
    <li className="case search-result">
      <Avatar name={message.title} patient={me?.kind !== 'patient'} />
      <div className="grow stack-0">
        <div className="people-line">
          <Link to="/threads/$threadId" params={{ threadId: message.thread }} search={{ seq: message.seq }} className="case-link truncate">
            {message.title}
          </Link>
          <span className="tiny muted">{momentOf(message.at)}</span>
        </div>
        <p className="small search-snippet">
          <span className="strong">{message.sender}: </span>
          <Pieces pieces={message.text} />
        </p>
        {message.file.length ? (
          <p className="small muted search-file">
            <Icon name="file" size={16} /> <Pieces pieces={message.file} />
          </p>
        ) : null}
      </div>
    </li>
  );
}
