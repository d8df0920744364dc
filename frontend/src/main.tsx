import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/base.css';
import './ui/kit/kit.css';
import './ui/shell/shell.css';
import './ui/account/account.css';
import './ui/caseload/caseload.css';
import './ui/patient/patient.css';
import './ui/thread/thread.css';
import './ui/urgency/urgency.css';
import './ui/screening/screening.css';
import './ui/call/call.css';
import './ui/emergency/emergency.css';
import './ui/search/search.css';
import { registerServiceWorker } from './crypto/trustedWorker';
import { createVault } from './crypto/vault';
import { sealMedia } from './media/sealedMedia';
import { Consilium } from './model/consilium';
import { Version } from './model/version';
import { App } from './ui/App';
import { startTheme } from './ui/theme';

startTheme();
const root = document.getElementById('root');
if (root) {
  const version = new Version({
    register: registerServiceWorker,
    container: 'serviceWorker' in navigator ? navigator.serviceWorker : null,
    channel: (name) => ('BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null),
    reload: () => window.location.reload(),
  });
  const model = new Consilium(createVault(), version, (vault, conf) => sealMedia(conf, vault));
  createRoot(root).render(
    <StrictMode>
      <App model={model} />
    </StrictMode>,
  );
}
