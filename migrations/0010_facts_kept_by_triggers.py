from django.db import migrations

# A statement that moves a masklet cannot forget its facts, wherever it stands.
KEEP = """
CREATE FUNCTION annotator_facts_of_new_masklets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO annotator_maskletfacts (masklet_id, project_id, video_id, type, state, set_aside, gone, copy,
        phase, person_id, submitted_at, moved_at, stale)
    SELECT fresh.id, video.project_id, video.id, fresh.type, fresh.state, fresh.set_aside,
        fresh.deleted_at IS NOT NULL OR video.deleted_at IS NOT NULL, fresh.gold_of_id IS NOT NULL,
        fresh.phase, fresh.tracked_by_id, fresh.submitted_at, now(), fresh.state <> 'in_work'
    FROM fresh JOIN annotator_video video ON video.id = fresh.video_id;
    RETURN NULL;
END $$;

CREATE FUNCTION annotator_facts_of_masklet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE annotator_maskletfacts facts SET type = NEW.type, state = NEW.state, set_aside = NEW.set_aside,
        gone = NEW.deleted_at IS NOT NULL
            OR (SELECT deleted_at IS NOT NULL FROM annotator_video WHERE id = NEW.video_id),
        copy = NEW.gold_of_id IS NOT NULL, phase = NEW.phase, person_id = NEW.tracked_by_id,
        submitted_at = NEW.submitted_at,
        moved_at = CASE WHEN NEW.state = OLD.state THEN facts.moved_at ELSE now() END,
        stale = NEW.state <> 'in_work'
    WHERE facts.masklet_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION annotator_facts_of_video() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE annotator_maskletfacts facts SET gone = NEW.deleted_at IS NOT NULL OR masklet.deleted_at IS NOT NULL
    FROM annotator_masklet masklet WHERE masklet.id = facts.masklet_id AND masklet.video_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION annotator_facts_of_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE annotator_maskletfacts SET stale = true WHERE masklet_id = NEW.masklet_id;
    RETURN NULL;
END $$;

CREATE TRIGGER masklet_facts_begin AFTER INSERT ON annotator_masklet
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION annotator_facts_of_new_masklets();
CREATE TRIGGER masklet_facts_follow
    AFTER UPDATE OF type, state, set_aside, deleted_at, gold_of_id, phase, tracked_by_id, submitted_at
    ON annotator_masklet FOR EACH ROW
    WHEN ((OLD.type, OLD.state, OLD.set_aside, OLD.deleted_at, OLD.gold_of_id, OLD.phase, OLD.tracked_by_id,
        OLD.submitted_at) IS DISTINCT FROM (NEW.type, NEW.state, NEW.set_aside, NEW.deleted_at, NEW.gold_of_id,
        NEW.phase, NEW.tracked_by_id, NEW.submitted_at))
    EXECUTE FUNCTION annotator_facts_of_masklet();
CREATE TRIGGER video_facts_follow AFTER UPDATE OF deleted_at ON annotator_video FOR EACH ROW
    WHEN (OLD.deleted_at IS DISTINCT FROM NEW.deleted_at) EXECUTE FUNCTION annotator_facts_of_video();
CREATE TRIGGER verdict_facts_follow AFTER INSERT ON annotator_verification FOR EACH ROW
    EXECUTE FUNCTION annotator_facts_of_verdict();

INSERT INTO annotator_maskletfacts (masklet_id, project_id, video_id, type, state, set_aside, gone, copy,
    phase, person_id, submitted_at, moved_at, stale)
SELECT masklet.id, video.project_id, video.id, masklet.type, masklet.state, masklet.set_aside,
    masklet.deleted_at IS NOT NULL OR video.deleted_at IS NOT NULL, masklet.gold_of_id IS NOT NULL,
    masklet.phase, masklet.tracked_by_id, masklet.submitted_at, coalesce(masklet.submitted_at, now()),
    masklet.state <> 'in_work'
FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id;
"""

LEAVE = """
DROP TRIGGER verdict_facts_follow ON annotator_verification;
DROP TRIGGER video_facts_follow ON annotator_video;
DROP TRIGGER masklet_facts_follow ON annotator_masklet;
DROP TRIGGER masklet_facts_begin ON annotator_masklet;
DROP FUNCTION annotator_facts_of_new_masklets, annotator_facts_of_masklet, annotator_facts_of_video,
    annotator_facts_of_verdict;
"""


class Migration(migrations.Migration):
    dependencies = [("annotator", "0009_facts_of_masklets")]

    operations = [migrations.RunSQL(KEEP, LEAVE)]
