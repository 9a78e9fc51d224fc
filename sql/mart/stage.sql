-- stage: the milestone that an opportunity has reached at the latest when it is in a stage of the CRM; filled from the
-- CRM's stages, yours to edit; kpi.create_mart adds those that are new and changes none
CREATE TABLE IF NOT EXISTS stage (
	pipeline text NOT NULL DEFAULT '',
	stage text NOT NULL,
	stage_name text,
	ordinal integer,
	milestone text CHECK (milestone IN ('none', 'appointment', 'proposal', 'won', 'lost', 'void')),
	PRIMARY KEY (pipeline, stage)
);
