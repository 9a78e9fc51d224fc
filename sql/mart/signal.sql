-- signal: what has dropped beyond chance: tactical (one rep), strategic (a whole team against its own past), intervention
-- (several gateways failing, or the barometer under half, over two periods running)
-- key: level, subject, kpi, kind, against
CREATE OR REPLACE VIEW signal AS
WITH sentence AS (
	SELECT kind, against, is_barometer, sentence
	FROM (VALUES
		('tactical', 'peers', false, 'en', '%1$s %2$s, %4$s %% worse than the %3$s of the peers. See what this rep does differently, and coach.'),
		('tactical', 'past', false, 'en', '%1$s %2$s, %4$s %% worse than the %3$s of the rep''s own past. Find out what has changed for this rep.'),
		('strategic', 'past', false, 'en', '%1$s %2$s, %4$s %% worse than the %3$s of the team''s own past. Look for what has changed for all of them, in the market, the offering or the process, before anybody is coached.'),
		('intervention', 'floor', false, 'en', '%1$s %2$s, under the floor of %3$s for the second period running, and so is another gateway. Training one step is not enough: step in.'),
		('intervention', 'floor', true, 'en', '%1$s %2$s: less than half of the new opportunities that the goal takes, in these four weeks and in the four before. Step in.'),
		('tactical', 'peers', false, 'nb', '%1$s %2$s, %4$s %% svakere enn kollegenes %3$s. Se hva denne selgeren gjør annerledes, og tren på det.'),
		('tactical', 'past', false, 'nb', '%1$s %2$s, %4$s %% svakere enn selgerens egen fortid på %3$s. Finn ut hva som har endret seg for denne selgeren.'),
		('strategic', 'past', false, 'nb', '%1$s %2$s, %4$s %% svakere enn lagets egen fortid på %3$s. Let etter det som har endret seg for alle, i markedet, tilbudet eller prosessen, før noen enkelt trenes.'),
		('intervention', 'floor', false, 'nb', '%1$s %2$s, under gulvet på %3$s for andre periode på rad, og det er også et steg til. Å trene ett steg er ikke nok: grip inn.'),
		('intervention', 'floor', true, 'nb', '%1$s %2$s: under halvparten av de nye mulighetene som målet krever, i disse fire ukene og i de fire før. Grip inn.')
	) AS s(kind, against, is_barometer, locale, sentence) JOIN config USING (locale)
)
SELECT s.level, s.subject, r.rep_id, r.rep_name, CASE s.level WHEN 'team' THEN s.subject ELSE r.team END AS team,
	s.kpi, s.kind, s.against, value, reference, drop, n, p, q, since,
	format(sentence, d.name, shown, shown_reference, round(-100 * drop)) AS meaning
FROM signal_state AS s JOIN signal_test AS t USING (level, subject, kpi, kind, against)
	LEFT JOIN roster AS r ON s.level = 'rep' AND r.rep_id::text = s.subject
	JOIN kpi_definition AS d ON d.kpi = s.kpi
	JOIN sentence AS m ON m.kind = s.kind AND m.against = s.against AND is_barometer = (s.kpi = 'barometer'),
	LATERAL (SELECT
		CASE WHEN s.kpi IN ('average_revenue', 'sales_cycle') THEN round(value)::text ELSE round(100 * value) || ' %' END,
		CASE WHEN s.kpi IN ('average_revenue', 'sales_cycle') THEN round(reference)::text ELSE round(100 * reference) || ' %' END
	) AS v(shown, shown_reference)
WHERE since <= (SELECT today FROM period);
