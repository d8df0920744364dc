import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Icon } from '../kit';

const THREAD = /^\/threads\/([\w-]+)$/;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** The way to the search from everywhere: a field to press, "/" where nothing is being typed, and Control or Command with K. */
export function SearchLink() {
  const navigate = useNavigate();
  const thread = useRouterState({ select: (state) => THREAD.exec(state.location.pathname)?.[1] });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isCommand = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
      const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      // A dialog keeps the keyboard to itself.
      if ((!isCommand && !isSlash) || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      void navigate({ to: '/search', search: thread ? { thread } : {} });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, thread]);
  return (
    <Link to="/search" search={thread ? { thread } : {}} className="search-link" activeProps={{ className: 'search-link place-here' }} activeOptions={{ includeSearch: false }} aria-keyshortcuts="/ Control+K Meta+K" aria-label="Search messages">
      <Icon name="search" size={18} />
      <span className="search-link-name">
        <span className="place-long">Search messages</span>
        <span className="place-short">Search</span>
      </span>
      <kbd className="search-key" aria-hidden="true">
        /
      </kbd>
    </Link>
  );
}
