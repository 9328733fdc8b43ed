import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import TandemNavigation from 'c/tandemNavigation';
import { all, clear, find, mount, settled } from '../../../../../../unit/page';

const links = (element) => all(element, 'a');
const named = (element, name) => links(element).find((link) => link.dataset.name === name);

describe('c-tandem-navigation', () => {
    let element;

    beforeEach(async () => {
        element = mount('c-tandem-navigation', TandemNavigation);
        await settled();
    });
    afterEach(clear);

    async function at(name) {
        CurrentPageReference.emit({ type: 'comm__namedPage', attributes: { name } });
        await settled();
    }

    it('leads to each page by a link that can be opened beside', async () => {
        expect(links(element).map((link) => link.dataset.name)).toEqual(['Home', 'Deals__c', 'Register_Deal__c', 'Opportunities__c', 'Requests__c', 'Company__c']);
        expect(named(element, 'Deals__c').getAttribute('href')).toBe('https://www.example.com');
        named(element, 'Deals__c').click();
        expect(getNavigateCalledWith().pageReference).toEqual({ type: 'comm__namedPage', attributes: { name: 'Deals__c' } });
        await expect(element).toBeAccessible();
    });

    it('says which page this is, and to which of them one below it belongs', async () => {
        await at('Deals__c');
        expect(named(element, 'Deals__c').getAttribute('aria-current')).toBe('page');
        await at('Deal__c');
        expect(named(element, 'Deals__c').getAttribute('aria-current')).toBe('true');
        expect(named(element, 'Home').getAttribute('aria-current')).toBeNull();
    });

    it('opens the menu on a phone and closes it when a page was reached', async () => {
        const menu = find(element, 'button.menu');
        expect(menu.getAttribute('aria-expanded')).toBe('false');
        menu.click();
        await settled();
        expect(menu.getAttribute('aria-expanded')).toBe('true');
        expect(find(element, 'ul').className).toBe('pages opened');
        await at('Requests__c');
        expect(menu.getAttribute('aria-expanded')).toBe('false');
    });

    it('logs out', () => {
        find(element, 'button.leave').click();
        expect(getNavigateCalledWith().pageReference).toEqual({ type: 'comm__loginPage', attributes: { actionName: 'logout' } });
    });
});
