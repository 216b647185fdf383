import { Anchor } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import classes from './app-header.module.css';
import tools from './bar-tools.module.css';
import { Logo } from './logo.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import { UserMenu } from './user-menu.tsx';

/** The bar of an app beside the console: which it is, the way back, and who one is. */
export function AppHeader({ name }: { name: string }) {
  return (
    <header className={classes.bar}>
      <Logo size={25} />
      <span className={classes.name}>{name}</span>
      <Anchor href="/" className={classes.back}>
        <IconArrowLeft size={15} aria-hidden /> Console
      </Anchor>
      <div className={classes.tools}>
        <SchemeSwitch className={tools.tool} />
        <UserMenu className={tools.user} />
      </div>
    </header>
  );
}
