import { renderApp } from '../ui/app-provider.tsx';
import { Session } from '../ui/session.tsx';
import { Shell } from './shell.tsx';

renderApp(<Session>{(onSignedOut) => <Shell onSignedOut={onSignedOut} />}</Session>);
