import { renderApp } from '../ui/app-provider.tsx';
import { CallPage } from './call-page.tsx';

renderApp(<CallPage />);
