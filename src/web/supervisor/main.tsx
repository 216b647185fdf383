import { renderApp } from '../ui/app-provider.tsx';
import { Session } from '../ui/session.tsx';
import { App } from './app.tsx';

renderApp(<Session>{() => <App />}</Session>);
