"""What is true. Import direction: users <- projects <- videos <- masklets <- sessions <- propagations
<- changes <- verifications; exports stands beside them on projects."""

from annotator.models.changes import Change, Mask, Prompt
from annotator.models.exports import Export
from annotator.models.masklets import Masklet
from annotator.models.projects import Membership, Project
from annotator.models.propagations import ModelVersion, Propagation
from annotator.models.sessions import Session
from annotator.models.uploads import Upload
from annotator.models.users import ApiToken, User
from annotator.models.verifications import Mark, Verification
from annotator.models.videos import FrameTable, Video

__all__ = [
    "ApiToken",
    "Change",
    "Export",
    "FrameTable",
    "Mark",
    "Mask",
    "Masklet",
    "Membership",
    "ModelVersion",
    "Project",
    "Prompt",
    "Propagation",
    "Session",
    "Upload",
    "User",
    "Verification",
    "Video",
]
