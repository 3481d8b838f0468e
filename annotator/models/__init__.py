"""What is true. Import direction: users <- projects <- videos <- masklets <- tasks <- sessions
<- propagations <- changes <- verifications; the others stand beside them on what they are about."""

from annotator.models.attention import Attention
from annotator.models.auto_runs import AutoRun
from annotator.models.changes import Change, Mask, Prompt
from annotator.models.comments import Comment, Thread
from annotator.models.comparisons import Consensus, GoldScore
from annotator.models.exports import Export
from annotator.models.facts import FactsCell, FactsTouched, MaskletFacts
from annotator.models.masklets import Masklet
from annotator.models.projects import Membership, Project
from annotator.models.propagations import ModelVersion, Propagation
from annotator.models.sessions import Session
from annotator.models.tasks import Task, TaskEvent
from annotator.models.uploads import Upload
from annotator.models.users import ApiToken, User
from annotator.models.verifications import Mark, Verification
from annotator.models.verifier_models import VerifierModel, VerifierVote
from annotator.models.videos import FrameTable, Video

__all__ = [
    "ApiToken",
    "Attention",
    "AutoRun",
    "Change",
    "Comment",
    "Consensus",
    "Export",
    "FactsCell",
    "FactsTouched",
    "FrameTable",
    "GoldScore",
    "Mark",
    "Mask",
    "Masklet",
    "MaskletFacts",
    "Membership",
    "ModelVersion",
    "Project",
    "Prompt",
    "Propagation",
    "Session",
    "Task",
    "TaskEvent",
    "Thread",
    "Upload",
    "User",
    "Verification",
    "VerifierModel",
    "VerifierVote",
    "Video",
]
