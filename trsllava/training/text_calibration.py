"""A whole calibration of text to text: from a caption file and nano's pictures to weights, and what they gain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eval.datasets.captioned import read_captioned
from eval.pictures import picture_vectors
from eval.proxy import machine_task, nearest_captions, proxy_task
from eval.report import Figures
from indexer.progress import Progress
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.training.calibrating import CalibrationPlan, captioned_views, train_calibration, validate_calibration
from trsllava.training.export import save_calibration


@dataclass(frozen=True)
class CalibrationGain:
    """Retrieval on the validation split, without the calibration and with it."""

    documents: str
    before: Figures
    after: Figures


def calibrate(
    images: Path, captions: Path, output: Path, nano: Path | None, seed: int, progress: Progress
) -> list[CalibrationGain]:
    """Learn on the split `train`, write the weights to `output`, and measure on `val`. `nano`: a folder of `train
    export` that looks at the pictures, the shipped one where None. Raises CaptionFileError, InputError, EncoderError.
    """
    seeing = NanoEncoder("nano", nano or shipped.present(shipped.NANO), views=1)
    learning, validation = (read_captioned(captions, split) for split in ("train", "val"))
    seen, held_out = (
        picture_vectors(seeing, images, [image.image for image in split], progress) for split in (learning, validation)
    )
    views = captioned_views(learning, seen, seeing.encode_texts)
    learnt = train_calibration(views, seeing.text_encoder, CalibrationPlan(seed=seed), progress)
    save_calibration(learnt, output)
    nearest = nearest_captions(held_out, seeing.encode_texts(views.texts))
    tasks = {
        "nearest training captions": machine_task(validation, views.texts, nearest),
        "people's first captions": proxy_task(validation),
    }
    return [
        CalibrationGain(what, *validate_calibration(learnt, task, seeing.text_encoder)) for what, task in tasks.items()
    ]
