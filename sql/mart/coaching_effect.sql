-- coaching_effect: what the ratio did after the coaching against what it would have done without it
-- key: rep_id, kpi, started_on

-- Reps are coached because they are low, and who is low by luck rises again: without coaching, the ratio before, drawn
-- towards the peers' as far as its few decisions are no proof, would have changed as the peers' did. The standard error
-- is that of all four parts: the ratio after, the adjusted one before, and the peers' before and after. Of a ratio it
-- is taken with one passed and one failed added, as none is certain. Of the adjusted one it is that of its
-- distribution, and the difference that a factor of e would make in how far it is drawn, as the peers tell no better
-- than that how alike they are. Until the first refresh after it was filled in, a coaching has no figures.
CREATE OR REPLACE VIEW coaching_effect AS
SELECT rep_id, rep_name, team, kpi, started_on, note, follow_up_days,
	before_passed, before_decided, before_ratio::numeric(12,6) AS before_ratio, before_adjusted::numeric(12,6) AS before_adjusted,
	after_passed, after_decided, after_ratio::numeric(12,6) AS after_ratio,
	peers, peers_near,
	peers_before_passed, peers_before_decided, peers_before_ratio::numeric(12,6) AS peers_before_ratio,
	peers_after_passed, peers_after_decided, peers_after_ratio::numeric(12,6) AS peers_after_ratio,
	expected_without::numeric(12,6) AS expected_without,
	effect::numeric(12,6) AS effect, standard_error::numeric(12,6) AS standard_error,
	(effect - z * standard_error)::numeric(12,6) AS effect_low, (effect + z * standard_error)::numeric(12,6) AS effect_high,
	p::numeric(12,6) AS p,
	CASE
		WHEN least(before_decided, after_decided, peers_before_decided, peers_after_decided) < min_decisions THEN 'too few'
		WHEN p >= 1 - confidence THEN 'even'
		WHEN effect > 0 THEN 'good'
		WHEN effect < 0 THEN 'bad'
	END AS verdict
FROM coaching LEFT JOIN coaching_measure USING (rep_id, kpi, started_on) LEFT JOIN roster USING (rep_id)
	CROSS JOIN (SELECT min_decisions, confidence, kpi.mart_normal_distance(confidence) FROM config) AS c(min_decisions, confidence, z),
	LATERAL (SELECT
		after_passed / nullif(after_decided, 0)::double precision,
		before_passed / nullif(before_decided, 0)::double precision,
		peers_after_passed / nullif(peers_after_decided, 0)::double precision,
		peers_before_passed / nullif(peers_before_decided, 0)::double precision,
		before_passed + prior_alpha, before_decided - before_passed + prior_beta
	) AS r(after_ratio, before_ratio, peers_after_ratio, peers_before_ratio, alpha, beta),
	LATERAL (SELECT alpha / (alpha + beta), alpha / (alpha + beta) * beta / (alpha + beta) / (alpha + beta + 1)) AS a(before_adjusted, adjusted_variance),
	LATERAL (SELECT before_adjusted + peers_after_ratio - peers_before_ratio) AS x(without),
	LATERAL (SELECT CASE WHEN without < 0 THEN 0 WHEN without > 1 THEN 1 ELSE without END) AS e(expected_without),
	LATERAL (SELECT after_ratio - expected_without, sqrt(
		(after_passed + 1) * (after_decided - after_passed + 1) / (after_decided + 2)::double precision ^ 2 / after_decided
		+ adjusted_variance + ((before_ratio - before_adjusted) * before_decided / (alpha + beta)) ^ 2
		+ (peers_before_passed + 1) * (peers_before_decided - peers_before_passed + 1) / (peers_before_decided + 2)::double precision ^ 2 / peers_before_decided
		+ (peers_after_passed + 1) * (peers_after_decided - peers_after_passed + 1) / (peers_after_decided + 2)::double precision ^ 2 / peers_after_decided
	)) AS s(effect, standard_error),
	LATERAL (SELECT 2 * kpi.mart_normal_probability(-abs(effect) / standard_error)) AS t(p);
