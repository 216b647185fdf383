import { renderApp } from '../ui/app-provider.tsx';
import { Session } from './session.tsx';

renderApp(<Session />);
