import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, RouterProvider, useRouterState, type RouteComponent } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Consilium } from '../model/consilium';
import { EnrolPage } from './account/Enrol';
import { AccountFrame } from './account/Frame';
import { RecoverPage } from './account/Recover';
import { ResetPage } from './account/Reset';
import { SignInPage } from './account/SignIn';
import { SsoReturnPage } from './account/SsoReturn';
import { UnlockPage } from './account/Unlock';
import { Banner, Button, Spinner } from './kit';
import { OfflinePage } from './shell/OfflinePage';
import { NothingHere } from './shell/NothingHere';
import { Shell } from './shell/Shell';
import { VersionNotice } from './shell/VersionNotice';
import { ModelContext, useModel, useValue } from './useModel';

const CaseloadPage = lazyRouteComponent(() => import('./caseload/Caseload'), 'CaseloadPage');
const ActingPage = lazyRouteComponent(() => import('./patient/Acting'), 'ActingPage');
const HomePage = lazyRouteComponent(() => import('./patient/Home'), 'HomePage');

function Start() {
  const { session } = useModel();
  const me = useValue(session.me);
  const isOffline = useValue(session.offlineSince) !== null;
  if (isOffline) return <OfflinePage />;
  if (me?.kind === 'representative') return <ActingPage />;
  return me?.kind === 'patient' ? <HomePage /> : <CaseloadPage />;
}

function Unreachable() {
  const { session } = useModel();
  const hasRunOut = useValue(session.ranOut);
  return (
    <AccountFrame title="No connection">
      <Banner tone="wait" live>
        {hasRunOut
          ? 'This device was without a connection for too long, so what could be read here was removed. What you wrote and was not sent is kept, sealed.'
          : 'The server cannot be reached. What you wrote is kept on this device.'}
      </Banner>
      <Button look="primary" wide icon="refresh" onPress={() => void session.start()}>
        Try again
      </Button>
    </AccountFrame>
  );
}

/** Which of the few faces the app has now: the session decides, not the address. */
function Root() {
  const { session } = useModel();
  const phase = useValue(session.phase);
  const me = useValue(session.me);
  const isOffline = useValue(session.offlineSince) !== null;
  switch (phase) {
    case 'starting':
      return (
        <main className="boot">
          <Spinner label="Opening" />
        </main>
      );
    case 'unreachable':
      return <Unreachable />;
    case 'signed-out':
    case 'enrolling':
      return <Outside />;
    case 'locked':
      return <Locked isOffline={isOffline} />;
    case 'open':
      return me ? <Shell me={me} /> : null;
    default:
      return phase satisfies never;
  }
}

const OUTSIDE = new Map([
  ['/enrol', EnrolPage],
  ['/recover', RecoverPage],
  ['/sso', SsoReturnPage],
  ['/reset', ResetPage],
]);

function Outside() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const Chosen = OUTSIDE.get(path) ?? SignInPage;
  return <Chosen />;
}

/** The password and the passkey open the keys here; the recovery code has its own page, as outside. */
function Locked({ isOffline }: { isOffline: boolean }) {
  const me = useValue(useModel().session.me);
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (path === '/sso') return <SsoReturnPage />;
  if (path === '/reset') return <ResetPage />;
  return path === '/recover' ? <RecoverPage /> : <UnlockPage name={me?.name ?? ''} email={me?.email ?? ''} isOffline={isOffline} />;
}

const root = createRootRoute({ component: Root, notFoundComponent: NothingHere });
const page = <Path extends string>(path: Path, component: RouteComponent) => createRoute({ getParentRoute: () => root, path, component });

const findRoute = createRoute({
  getParentRoute: () => root,
  path: '/sessions/new',
  component: lazyRouteComponent(() => import('./sessions'), 'FindPage'),
  validateSearch: (raw: Record<string, unknown>): { thread?: string } => (typeof raw['thread'] === 'string' ? { thread: raw['thread'] } : {}),
});

const threadRoute = createRoute({
  getParentRoute: () => root,
  path: '/threads/$threadId',
  component: lazyRouteComponent(() => import('./thread/ThreadPage'), 'ThreadPage'),
  validateSearch: (raw: Record<string, unknown>): { seq?: number } => (Number.isSafeInteger(raw['seq']) ? { seq: raw['seq'] as number } : {}),
});

/** `thread` is where one came from; what is asked is never in an address. */
const searchRoute = createRoute({
  getParentRoute: () => root,
  path: '/search',
  component: lazyRouteComponent(() => import('./search/SearchPage'), 'SearchPage'),
  validateSearch: (raw: Record<string, unknown>): { thread?: string } => (typeof raw['thread'] === 'string' ? { thread: raw['thread'] } : {}),
});

const routeTree = root.addChildren([
  page('/', Start),
  page('/enrol', Start),
  page('/recover', Start),
  page('/sso', SsoReturnPage),
  page('/reset', Start),
  page('/account', lazyRouteComponent(() => import('./account/Account'), 'AccountPage')),
  page('/account/lost-device', lazyRouteComponent(() => import('./account/LostDevice'), 'LostDevicePage')),
  page('/conversations', lazyRouteComponent(() => import('./patient/Conversations'), 'ConversationsPage')),
  page('/directory', lazyRouteComponent(() => import('./caseload/Directory'), 'DirectoryPage')),
  page('/permissions', lazyRouteComponent(() => import('./patient/Permissions'), 'PermissionsPage')),
  page('/acting', ActingPage),
  page('/ledger', lazyRouteComponent(() => import('./patient/Ledger'), 'LedgerPage')),
  page('/office', lazyRouteComponent(() => import('./office/OfficePage'), 'OfficePage')),
  page('/emergency', lazyRouteComponent(() => import('./emergency/EmergencyPage'), 'EmergencyPage')),
  threadRoute,
  searchRoute,
  page('/rooms/$roomId', lazyRouteComponent(() => import('./call/CallPage'), 'CallPage')),
  page('/sessions', lazyRouteComponent(() => import('./sessions'), 'SessionsPage')),
  findRoute,
  page('/sessions/$sessionId', lazyRouteComponent(() => import('./sessions'), 'SessionPage')),
]);

const router = createRouter({ routeTree, defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 5_000, networkMode: 'always' } } });

export function App({ model }: { model: Consilium }) {
  useEffect(() => {
    void model.version.start();
    void model.session.start();
    const nudge = () => {
      if (document.visibilityState === 'visible') model.nudge();
    };
    window.addEventListener('online', nudge);
    document.addEventListener('visibilitychange', nudge);
    return () => {
      window.removeEventListener('online', nudge);
      document.removeEventListener('visibilitychange', nudge);
    };
  }, [model]);
  return (
    <ModelContext.Provider value={model}>
      <QueryClientProvider client={queries}>
        <VersionNotice />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ModelContext.Provider>
  );
}
