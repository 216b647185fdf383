import { describe, expect, it } from 'vitest';
import { keepTabs, readTabs } from './kept-tabs.ts';
import { type KeptTabs, Workspace } from './workspace.ts';

function setUp(path = '/Contact', kept?: KeptTabs) {
  const bar: string[] = [];
  const workspace = new Workspace(
    path,
    {
      push: (tabId, to) => bar.push(`${tabId} ${to}`),
      replace: (tabId, to) => bar.push(`${tabId} =${to}`),
    },
    kept,
  );
  const shown = () =>
    workspace.state.tabs.map((tab) => `${tab.id === workspace.state.active ? '*' : ''}${tab.path}`);
  return { workspace, bar, shown };
}

describe('the workspace', () => {
  it('navigates in one tab and writes the address bar', () => {
    const { workspace, bar, shown } = setUp();
    workspace.navigate('tab1', '/Contact/1');
    workspace.navigate('tab1', '/Contact/1');
    expect(shown()).toEqual(['*/Contact/1']);
    expect(bar).toEqual(['tab1 =/Contact', 'tab1 /Contact/1']);
  });

  it('pops here when nothing is unsaved', () => {
    const { workspace, shown } = setUp();
    expect(workspace.show('/Contact/1')).toBe('here');
    expect(shown()).toEqual(['*/Contact/1']);
  });

  it('pops beside a form with unsaved changes, which stays as it is', () => {
    const { workspace, shown } = setUp('/Case/new');
    workspace.setDirty('tab1', 'this case');
    expect(workspace.show('/Contact/1')).toBe('beside');
    expect(shown()).toEqual(['/Case/new', '*/Contact/1']);
    expect(workspace.state.tabs[0]?.dirty).toBe('this case');
  });

  it('pops a record that is open in a tab by going there', () => {
    const { workspace, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    expect(workspace.show('/Contact/1')).toBe('here');
    workspace.open('/Account');
    expect(workspace.show('/Contact/1')).toBe('here');
    expect(shown()).toEqual(['*/Contact/1', '/Account']);
  });

  it('pops in a tab of its own when told so, once', () => {
    const { workspace, shown } = setUp('/Account');
    workspace.showBeside('/Contact/1');
    workspace.showBeside('/Account');
    workspace.showBeside('/Contact/1');
    expect(shown()).toEqual(['/Account', '*/Contact/1']);
  });

  it('asks before unsaved changes are left, and stays or goes as told', () => {
    const { workspace, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    workspace.navigate('tab1', '/Account');
    expect(shown()).toEqual(['*/Contact/1']);
    workspace.stay();
    expect(workspace.state.leaving).toBeUndefined();
    workspace.navigate('tab1', '/Account');
    workspace.discard();
    expect(shown()).toEqual(['*/Account']);
    expect(workspace.state.tabs[0]?.dirty).toBeUndefined();
  });

  it('lets a changed query of the same page through', () => {
    const { workspace, shown } = setUp('/Contact/new');
    workspace.setDirty('tab1', 'this contact');
    workspace.navigate('tab1', '/Contact/new?Phone=1');
    expect(shown()).toEqual(['*/Contact/new?Phone=1']);
  });

  it('asks when the back button would leave unsaved changes, and puts the address back', () => {
    const { workspace, bar, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    workspace.wentTo('tab1', '/Account');
    expect(shown()).toEqual(['*/Contact/1']);
    expect(bar.at(-1)).toBe('tab1 /Contact/1');
    workspace.discard();
    expect(shown()).toEqual(['*/Account']);
  });

  it('goes back across tabs, and into the active one when the tab is closed meanwhile', () => {
    const { workspace, shown } = setUp('/Contact');
    workspace.open('/Account');
    workspace.wentTo('tab1', '/Contact');
    expect(shown()).toEqual(['*/Contact', '/Account']);
    workspace.close('tab2');
    workspace.wentTo('tab2', '/Account');
    expect(shown()).toEqual(['*/Account']);
  });

  it('closes a tab to its left neighbour, never the last one, and asks for a dirty one', () => {
    const { workspace, shown } = setUp('/Contact');
    workspace.close('tab1');
    expect(shown()).toEqual(['*/Contact']);
    workspace.open('/Account');
    workspace.setDirty('tab2', 'this account');
    workspace.close('tab2');
    expect(shown()).toEqual(['/Contact', '*/Account']);
    workspace.discard();
    expect(shown()).toEqual(['*/Contact']);
  });

  it('goes to the tab that shows a record already, whatever its query', () => {
    const { workspace, shown } = setUp('/Contact/1?edit=1');
    workspace.open('/Contact');
    workspace.navigate('tab2', '/Contact/1');
    expect(shown()).toEqual(['*/Contact/1?edit=1', '/Contact']);
    workspace.navigate('tab1', '/Contact/new');
    workspace.navigate('tab2', '/Contact/new');
    expect(shown()).toEqual(['*/Contact/new', '/Contact/new']);
  });

  it('has sub-tabs behind their tab, which close with it', () => {
    const { workspace, shown } = setUp('/Account/1');
    workspace.open('/Case');
    workspace.activate('tab1');
    workspace.showBeside('/Contact/1');
    workspace.showBeside('/Contact/2');
    expect(shown()).toEqual(['/Account/1', '/Contact/1', '*/Contact/2', '/Case']);
    workspace.close('tab1');
    expect(shown()).toEqual(['*/Case']);
  });

  it('asks for a sub-tab with unsaved changes before its tab is closed', () => {
    const { workspace, shown } = setUp('/Account/1');
    workspace.showBeside('/Contact/1');
    workspace.open('/Case');
    workspace.setDirty('tab2', 'this contact');
    workspace.close('tab1');
    expect(shown()).toEqual(['/Account/1', '*/Contact/1', '/Case']);
    expect(workspace.state.leaving).toEqual({ tabId: 'tab2' });
  });

  it('keeps pinned tabs first, with their sub-tabs, and open', () => {
    const { workspace, shown } = setUp('/Account/1');
    workspace.open('/Case');
    workspace.showBeside('/Case/1');
    workspace.pin('tab2', true);
    expect(shown()).toEqual(['/Case', '*/Case/1', '/Account/1']);
    workspace.close('tab2');
    expect(shown()).toHaveLength(3);
    workspace.pin('tab2', false);
    workspace.close('tab2');
    expect(shown()).toEqual(['*/Account/1']);
  });

  it('steps through the tabs, round and round', () => {
    const { workspace, shown } = setUp('/A');
    workspace.open('/B');
    workspace.step(1);
    expect(shown()).toEqual(['*/A', '/B']);
    workspace.step(-1);
    expect(shown()).toEqual(['/A', '*/B']);
  });
});

describe('after a reload', () => {
  const kept = {
    tabs: [
      { id: 'tab3', path: '/Case', title: 'Cases', pinned: true },
      { id: 'tab1', path: '/Contact/1', title: 'Ada', dirty: 'this contact' },
    ],
    active: 'tab1',
  };

  it('the tabs are back, with what was in front', () => {
    const { workspace, shown, bar } = setUp('/Contact/1', kept);
    expect(shown()).toEqual(['/Case', '*/Contact/1']);
    expect(bar).toEqual(['tab1 =/Contact/1']);
    workspace.open('/Lead');
    expect(workspace.state.active).toBe('tab4');
  });

  it('another address is shown where it is open, else in the tab that was in front', () => {
    expect(setUp('/Case', kept).shown()).toEqual(['*/Case', '/Contact/1']);
    expect(setUp('/Lead', kept).shown()).toEqual(['/Case', '*/Lead']);
  });

  it('are kept for each user alone, without what was unsaved; nonsense in the storage is no tabs', () => {
    const map = new Map<string, string>();
    const storage = {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
    };
    keepTabs('u', kept, storage as unknown as Storage);
    expect(readTabs('u', storage as unknown as Storage)?.tabs[1]).toEqual({
      id: 'tab1',
      path: '/Contact/1',
      title: 'Ada',
    });
    expect(readTabs('v', storage as unknown as Storage)).toBeUndefined();
    map.set('crosspoint.tabs.v', '{"tabs":[]}');
    expect(readTabs('v', storage as unknown as Storage)).toBeUndefined();
  });
});
