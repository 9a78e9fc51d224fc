-- playbook: the floors of the KPIs, and what to do under them; yours to edit, here and nowhere else
CREATE TABLE IF NOT EXISTS playbook (
	kpi text NOT NULL,
	comparison text NOT NULL CHECK (comparison IN ('value', 'delta', 'recorded')),
	floor numeric NOT NULL,
	peer_group text NOT NULL DEFAULT '',
	pipeline text NOT NULL DEFAULT '',
	locale text NOT NULL CHECK (locale IN ('en', 'nb')),
	place integer NOT NULL,
	advice text NOT NULL,
	PRIMARY KEY (kpi, comparison, peer_group, pipeline, locale, place)
);

INSERT INTO playbook (kpi, comparison, floor, locale, place, advice)
SELECT r.*
FROM (VALUES
	('proposal_ratio', 'value', 0.65, 'en', 1, 'Agree inside the company what the next step after a first appointment is: a demo, a site visit, a survey or a proposal.'),
	('proposal_ratio', 'value', 0.65, 'en', 2, 'Train to one process that leads from the first appointment to that step, and measure how often it is followed.'),
	('proposal_ratio', 'value', 0.65, 'en', 3, 'Start at the top: meet whoever can decide first.'),
	('proposal_ratio', 'value', 0.65, 'en', 4, 'Do not sell the product in the first appointment. Outline the steps of diagnosis that will show whether the solution fits the goals of the prospect.'),
	('closing_ratio', 'value', 0.65, 'en', 1, 'Ask how the decision is made, what must be true inside the company for it to change, and who must take part.'),
	('closing_ratio', 'value', 0.65, 'en', 2, 'Give a timeline, and fix the second appointment, with everybody who decides, before leaving the first.'),
	('closing_ratio', 'value', 0.65, 'en', 3, 'List the risks that each decider sees, and prepare a strategy, tactics and tools for each of them.'),
	('closing_ratio', 'value', 0.65, 'en', 4, 'Have references of the same industry and the same title at hand.'),
	('barometer', 'value', 1, 'en', 1, 'Know the ratio of conversations to appointments: it leads everything else.'),
	('barometer', 'value', 1, 'en', 2, 'Set a target for booking appointments that is realistic and can be trained to.'),
	('barometer', 'value', 1, 'en', 3, 'Train on the situations of real prospects and on what the best callers do.'),
	('barometer', 'value', 1, 'en', 4, 'Sell the business reason to meet, not the product.'),
	('barometer', 'value', 1, 'en', 5, 'Share the best ways of prospecting through common tools: they are the capital of the team.'),
	('average_revenue', 'delta', -0.40, 'en', 1, 'Find out why the sales are so much smaller than those of the peers: money is left on the table.'),
	('sales_cycle', 'delta', -0.30, 'en', 1, 'Find out what makes this rep so much faster than the peers, and spread it.'),
	('appointment_ratio', 'recorded', 0.90, 'en', 1, 'Record the first appointment: it is missing in too many deals for the ratios around it to be judged.'),
	('proposal_ratio', 'recorded', 0.90, 'en', 1, 'Record the next step: it is missing in too many won deals for the ratios around it to be judged.'),
	('proposal_ratio', 'value', 0.65, 'nb', 1, 'Bli enige internt om hva neste steg etter et første møte er: demo, befaring, kartlegging eller tilbud.'),
	('proposal_ratio', 'value', 0.65, 'nb', 2, 'Tren på én prosess som fører fra første møte til dette steget, og mål hvor ofte den følges.'),
	('proposal_ratio', 'value', 0.65, 'nb', 3, 'Begynn på toppen: møt den som kan bestemme, først.'),
	('proposal_ratio', 'value', 0.65, 'nb', 4, 'Ikke selg produktet i det første møtet. Skisser stegene i diagnosen som skal vise om løsningen passer til kundens mål.'),
	('closing_ratio', 'value', 0.65, 'nb', 1, 'Spør hvordan beslutningen tas, hva som må være på plass internt for at noe skal endres, og hvem som må være med.'),
	('closing_ratio', 'value', 0.65, 'nb', 2, 'Gi en tidsplan, og avtal det andre møtet, med alle som bestemmer, før du går fra det første.'),
	('closing_ratio', 'value', 0.65, 'nb', 3, 'List opp risikoene hver beslutningstaker ser, og forbered strategi, taktikk og verktøy for hver av dem.'),
	('closing_ratio', 'value', 0.65, 'nb', 4, 'Ha referanser fra samme bransje og samme stilling klare.'),
	('barometer', 'value', 1, 'nb', 1, 'Kjenn forholdet mellom samtaler og møter: det styrer alt annet.'),
	('barometer', 'value', 1, 'nb', 2, 'Sett et mål for møtebooking som er realistisk og som det kan trenes mot.'),
	('barometer', 'value', 1, 'nb', 3, 'Tren på virkelige kundesituasjoner og på det de beste på telefonen gjør.'),
	('barometer', 'value', 1, 'nb', 4, 'Selg den forretningsmessige grunnen til å møtes, ikke produktet.'),
	('barometer', 'value', 1, 'nb', 5, 'Del de beste måtene å skaffe kunder på gjennom felles verktøy: de er lagets kapital.'),
	('average_revenue', 'delta', -0.40, 'nb', 1, 'Finn ut hvorfor salgene er så mye mindre enn kollegenes: her ligger det penger igjen på bordet.'),
	('sales_cycle', 'delta', -0.30, 'nb', 1, 'Finn ut hva som gjør denne selgeren så mye raskere enn kollegene, og spre det.'),
	('appointment_ratio', 'recorded', 0.90, 'nb', 1, 'Registrer det første møtet: det mangler i for mange saker til at andelene rundt det kan vurderes.'),
	('proposal_ratio', 'recorded', 0.90, 'nb', 1, 'Registrer neste steg: det mangler i for mange vunne saker til at andelene rundt det kan vurderes.')
) AS r(kpi, comparison, floor, locale, place, advice)
WHERE NOT EXISTS (SELECT FROM playbook);
