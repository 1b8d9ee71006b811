"""Products made on the spot in the layouts that their makers publish, small, over the same ground near Rotterdam."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS

from trsllava.raster.silence import without_warnings

SIDE = 96
UTM31 = "EPSG:32631"
PLACE = Affine(10, 0, 590_000, 0, -10, 5_760_000)
SENSED = "20230630T105631"

Samples = NDArray[Any]


def colour_bars(side: int = SIDE) -> Samples:
    """`(3, side, side)` reflectances times 10,000: left red, in the middle green, right blue; 4,000 against 500."""
    bars = np.full((3, side, side), 500, np.uint16)
    third = side // 3
    for band in range(3):
        bars[band, :, band * third : (band + 1) * third] = 4_000
    return bars


def is_red_green_blue(picture: NDArray[np.uint8]) -> bool:
    """True where a picture shows the colour bars."""
    width = picture.shape[1]
    middles = picture[picture.shape[0] // 2, [width // 6, width // 2, 5 * width // 6]].astype(int)
    return bool((middles.argmax(axis=1) == [0, 1, 2]).all() and (middles.max(axis=1) > 3 * middles.min(axis=1)).all())


def write_raster(
    path: Path,
    samples: Samples,
    driver: str = "GTiff",
    transform: Affine | None = PLACE,
    names: Sequence[str] = (),
    **o: Any,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    place = {"crs": UTM31, "transform": transform} | o
    count, height, width = samples.shape
    shape = {"width": width, "height": height, "count": count, "dtype": samples.dtype}
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES"} if driver == "JP2OpenJPEG" else {}
    with without_warnings(), rasterio.open(path, "w", driver=driver, **shape, **place, **lossless) as dataset:
        dataset.write(samples)
        if names:
            dataset.descriptions = tuple(names)
    return path


def sentinel2(
    root: Path, level: str = "L2A", granules: Sequence[str] = ("T31UET",), bars: Samples | None = None
) -> Path:
    """A Sentinel-2 product folder (PSD 14 and 15): MTD_MSI….xml and GRANULE/…/IMG_DATA with a JP2 a band."""
    safe = root / f"S2A_MSI{level}_{SENSED}_N0509_R094_T31UET_{SENSED}.SAFE"
    bars = colour_bars() if bars is None else bars
    others = ("B01", "B08", "B11")
    for granule in granules:
        data = safe / "GRANULE" / f"{level}_{granule}_A041882_{SENSED}" / "IMG_DATA"
        folder, ending = (data / "R10m", "_10m") if level == "L2A" else (data, "")
        for band, samples in [*zip(("B04", "B03", "B02"), bars, strict=True), *((band, bars[0]) for band in others)]:
            write_raster(folder / f"{granule}_{SENSED}_{band}{ending}.jp2", samples[None], "JP2OpenJPEG")
        picture = np.full((3, *bars.shape[1:]), 40, np.uint8)
        write_raster(folder / f"{granule}_{SENSED}_TCI{ending}.jp2", picture, "JP2OpenJPEG")
        if level == "L2A":  # the same bands again, coarser
            coarse = Affine(20, 0, PLACE.c, 0, -20, PLACE.f)
            for band in ("B04", "B03", "B02"):
                small = np.full((1, SIDE // 2, SIDE // 2), 900, np.uint16)
                write_raster(data / "R20m" / f"{granule}_{SENSED}_{band}_20m.jp2", small, "JP2OpenJPEG", coarse)
        (data.parent / "MTD_TL.xml").write_text("<n1:Level-2A_Tile_ID xmlns:n1='x'/>")
        write_raster(data.parent / "QI_DATA" / "MSK_CLDPRB_20m.jp2", bars[:1].astype(np.uint8), "JP2OpenJPEG")
    (safe / f"MTD_MSI{level}.xml").write_text(
        f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{level[1:]}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{level[1:]}.xsd">
 <n1:General_Info><Product_Info>
  <PRODUCT_START_TIME>2023-06-30T10:56:31.024Z</PRODUCT_START_TIME>
  <PRODUCT_STOP_TIME>2023-06-30T10:56:31.024Z</PRODUCT_STOP_TIME>
  <Datatake datatakeIdentifier="GS2A_{SENSED}_041882_N05.09"><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
   <DATATAKE_SENSING_START>2023-06-30T10:56:31.024Z</DATATAKE_SENSING_START></Datatake>
 </Product_Info></n1:General_Info>
 <n1:Geometric_Info><Product_Footprint><Product_Footprint><Global_Footprint>
  <EXT_POS_LIST>52.3 4.2 52.3 5.9 51.2 5.9 51.2 4.2 52.3 4.2 </EXT_POS_LIST>
 </Global_Footprint></Product_Footprint></Product_Footprint></n1:Geometric_Info>
 <n1:Quality_Indicators_Info><Cloud_Coverage_Assessment>12.25</Cloud_Coverage_Assessment></n1:Quality_Indicators_Info>
</n1:Level-{level[1:]}_User_Product>
"""
    )
    (safe / "manifest.safe").write_text("<xfdu:XFDU xmlns:xfdu='urn:ccsds:schema:xfdu:1'/>")
    return safe


def sentinel2_of_2015(root: Path, level: str = "L1C", granules: Sequence[str] = ("T31UET", "T31UFT")) -> Path:
    """A Sentinel-2 product folder as it was until December 2016 (PSD 13): all names say what they belong to."""
    modern = sentinel2(root / "modern", level, granules)
    station = "OPER" if level == "L1C" else "USER"
    safe = root / f"S2A_{station}_PRD_MSI{level}_PDMC_20150730T000000_R094_V{SENSED}_{SENSED}.SAFE"
    for file in (file for file in sorted(modern.rglob("*")) if file.is_file() and file.parent.name != "QI_DATA"):
        if file.suffix == ".jp2":
            tile, _, band = file.stem.partition("_")
            granule = f"S2A_{station}_MSI_{level}_TL_SGS__20150730T000000_A000500_{tile}_N01.03"
            place = file.parent.relative_to(next(parent for parent in file.parents if parent.name == "IMG_DATA"))
            name = f"{granule.removesuffix('_N01.03')}_{band.removeprefix(f'{SENSED}_')}.jp2"
            target = safe / "GRANULE" / granule / "IMG_DATA" / place / name
        elif file.name.startswith("MTD_MSI"):
            target = safe / f"S2A_{station}_MTD_SAF{level}_PDMC_20150730T000000_R094_V{SENSED}_{SENSED}.xml"
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    shutil.rmtree(root / "modern")
    return safe


def landsat(root: Path, sensor: str = "LC09", level: str = "L2SP", metadata: Sequence[str] = ("txt",)) -> Path:
    """A Landsat Collection 2 folder; returns it."""
    prefix = f"{sensor}_{level}_199024_20230630_20230702_02_T1"
    folder = root / prefix
    kind = "SR_" if level == "L2SP" else ""
    bars = colour_bars()
    numbers = (4, 3, 2) if sensor in ("LC08", "LC09") else (3, 2, 1)
    for number in range(1, 8):
        band = bars[numbers.index(number)] if number in numbers else np.full_like(bars[0], 700)
        write_raster(folder / f"{prefix}_{kind}B{number}.TIF", band[None], nodata=0)
    if level == "L2SP":
        write_raster(folder / f"{prefix}_ST_B10.TIF", bars[:1])
    write_raster(folder / f"{prefix}_QA_PIXEL.TIF", bars[:1])
    groups = {
        "PRODUCT_CONTENTS": {"PROCESSING_LEVEL": level, "FILE_NAME_BAND_4": f"{prefix}_{kind}B4.TIF"},
        "IMAGE_ATTRIBUTES": {
            "SPACECRAFT_ID": f"LANDSAT_{int(sensor[2:])}",
            "SENSOR_ID": "OLI_TIRS",
            "CLOUD_COVER": "3.41",
            "DATE_ACQUIRED": "2023-06-30",
            "SCENE_CENTER_TIME": "10:40:13.1234560Z",
        },
        "PROJECTION_ATTRIBUTES": {"GRID_CELL_SIZE_REFLECTIVE": "30.00"},
    }
    if "txt" in metadata:
        lines = ["GROUP = LANDSAT_METADATA_FILE"]
        for group, told in groups.items():
            lines += [f"  GROUP = {group}", *(f'    {k} = "{v}"' for k, v in told.items()), f"  END_GROUP = {group}"]
        (folder / f"{prefix}_MTL.txt").write_text("\n".join([*lines, "END_GROUP = LANDSAT_METADATA_FILE", "END", ""]))
    if "json" in metadata:
        (folder / f"{prefix}_MTL.json").write_text(json.dumps({"LANDSAT_METADATA_FILE": groups}))
    if "xml" in metadata:
        inner = "".join(
            f"<{g}>{''.join(f'<{k}>{v}</{k}>' for k, v in told.items())}</{g}>" for g, told in groups.items()
        )
        (folder / f"{prefix}_MTL.xml").write_text(f"<LANDSAT_METADATA_FILE>{inner}</LANDSAT_METADATA_FILE>")
    return folder


def planetscope(root: Path, bands: int = 4, named: bool = False, kind: str = "json") -> Path:
    """A PlanetScope scene's files (PSScene, analytic_sr_udm2); returns their folder."""
    folder, prefix = root / "PSScene", "20230630_101112_34_24a1"
    bars = colour_bars()
    names = {
        4: ("blue", "green", "red", "nir"),
        8: ("coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir"),
    }[bands]
    colours = {"red": bars[0], "green": bars[1], "blue": bars[2]}
    samples = np.stack([colours.get(name, np.full_like(bars[0], 700)) for name in names])
    extra = "_8b" if bands == 8 else ""
    write_raster(
        folder / f"{prefix}_3B_AnalyticMS_SR{extra}_clip.tif", samples, names=names if named else (), nodata=0
    )
    write_raster(folder / f"{prefix}_3B_udm2_clip.tif", np.ones((8, SIDE, SIDE), np.uint8))
    if kind == "json":
        told = {
            "acquired": "2023-06-30T10:11:12.345678Z",
            "cloud_cover": 0.07,
            "gsd": 3.9,
            "pixel_resolution": 3,
            "instrument": "PSB.SD",
            "satellite_id": "24a1",
            "item_type": "PSScene",
        }
        (folder / f"{prefix}_metadata.json").write_text(
            json.dumps({"id": prefix, "type": "Feature", "geometry": None, "properties": told})
        )
    else:
        (folder / f"{prefix}_3B_AnalyticMS_metadata_clip.xml").write_text(
            "<ps:EarthObservation xmlns:ps='p' xmlns:eop='e' xmlns:opt='o'>"
            "<eop:acquisitionDate>2023-06-30T10:11:12.345678+00:00</eop:acquisitionDate>"
            "<eop:serialIdentifier>24a1</eop:serialIdentifier><eop:Instrument><eop:shortName>PSB.SD</eop:shortName>"
            "</eop:Instrument><eop:resolution uom='m'>3.0</eop:resolution>"
            "<opt:cloudCoverPercentage uom='percentage'>7.0</opt:cloudCoverPercentage></ps:EarthObservation>"
        )
    return folder


def swath(cols: NDArray[np.float64], rows: NDArray[np.float64], width: int, height: int) -> tuple[Any, Any]:
    """Longitudes and latitudes of a scene seen aslant from an orbit: curved in both directions."""
    u, v = cols / width, rows / height
    longitudes = 4 + 1.2 * u + 0.3 * v + 0.08 * u * v - 0.05 * u**2 + 0.012 * np.sin(2.5 * u)
    latitudes = 52 + 0.14 * u - 0.7 * v - 0.03 * u * v + 0.02 * v**2 + 0.01 * np.cos(2.5 * u) * v
    return longitudes, latitudes


def sentinel1(root: Path, width: int = 1300, height: int = 900) -> Path:
    """A Sentinel-1 GRD product: a TIFF a polarisation, placed by 21 x 10 ground control points alone."""
    safe = root / "S1A_IW_GRDH_1SDV_20230630T055912_20230630T055937_049210_05EAD5_3F7B.SAFE"
    points = [
        GroundControlPoint(row, col, *(float(x) for x in swath(np.float64(col), np.float64(row), width, height)), 0.0)
        for row in np.linspace(0, height - 1, 10)
        for col in np.linspace(0, width - 1, 21)
    ]
    ramp = np.geomspace(20, 2_000, width).astype(np.uint16)
    samples = np.broadcast_to(ramp, (1, height, width))
    for polarisation in ("vv", "vh"):
        name = f"s1a-iw-grd-{polarisation}-20230630t055912-20230630t055937-049210-05ead5-001.tiff"
        path = safe / "measurement" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = {"width": width, "height": height, "count": 1, "dtype": "uint16"}
        placed = {"gcps": points, "crs": CRS.from_epsg(4326)}
        with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **placed) as dataset:
            dataset.write(samples)
    write_raster(safe / "preview" / "quick-look.png", np.full((3, 8, 8), 99, np.uint8), "PNG")
    (safe / "manifest.safe").write_text(
        """<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:safe="http://www.esa.int/safe/sentinel-1.0"
 xmlns:s1sarl1="http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar/level-1"
 xmlns:s1="http://www.esa.int/safe/sentinel-1.0/sentinel-1"><metadataSection>
 <safe:platform><safe:familyName>SENTINEL-1</safe:familyName><safe:number>A</safe:number>
  <safe:instrument><safe:extension><s1sarl1:instrumentMode><s1sarl1:mode>IW</s1sarl1:mode></s1sarl1:instrumentMode>
  </safe:extension></safe:instrument></safe:platform>
 <safe:acquisitionPeriod><safe:startTime>2023-06-30T05:59:12.123456</safe:startTime>
  <safe:stopTime>2023-06-30T05:59:37.123456</safe:stopTime></safe:acquisitionPeriod>
 <safe:orbitReference><safe:extension><s1:orbitProperties><s1:pass>DESCENDING</s1:pass></s1:orbitProperties>
 </safe:extension></safe:orbitReference>
 <s1sarl1:transmitterReceiverPolarisation>VV</s1sarl1:transmitterReceiverPolarisation>
 <s1sarl1:transmitterReceiverPolarisation>VH</s1sarl1:transmitterReceiverPolarisation>
</metadataSection></xfdu:XFDU>"""
    )
    return safe
