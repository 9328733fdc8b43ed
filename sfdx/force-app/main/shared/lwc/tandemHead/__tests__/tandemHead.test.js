import TandemHead from 'c/tandemHead';
import { clear, find, mount, settled, text } from '../../../../../../unit/page';

afterEach(clear);

it('says what a page is about and whose it is, as the one heading of the page', async () => {
    const element = mount('c-tandem-head', TandemHead, { icon: 'standard:approval', heading: 'DR-1 · Acme', whose: 'Lone Star' });
    await settled();
    expect(find(element, 'h1').textContent).toBe('DR-1 · Acme');
    expect(text(element)).toContain('Lone Star');
    await expect(element).toBeAccessible();
    element.whose = '';
    await settled();
    expect(text(element)).toBe('DR-1 · Acme');
});
