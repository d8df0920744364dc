import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/base.css';
import './ui/kit/kit.css';
import './ui/shell/shell.css';
import './ui/account/account.css';
import './ui/caseload/caseload.css';
import './ui/patient/patient.css';
import './ui/thread/thread.css';
import './ui/screening/screening.css';
import './ui/call/call.css';
import './ui/emergency/emergency.css';
import { createVault } from './crypto/vault';
import { sealMedia } from './media/sealedMedia';
import { Consilium } from './model/consilium';
import { App } from './ui/App';
import { startTheme } from './ui/theme';

startTheme();
const root = document.getElementById('root');
if (root) {
  const model = new Consilium(createVault(), (vault, conf) => sealMedia(conf, vault));
  createRoot(root).render(
    <StrictMode>
      <App model={model} />
    </StrictMode>,
  );
}
