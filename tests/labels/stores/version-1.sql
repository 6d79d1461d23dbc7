BEGIN TRANSACTION;
CREATE TABLE about (
	"key" VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "about" VALUES('schema_version','1');
CREATE TABLE class_changes (
	revision INTEGER NOT NULL, 
	class_id INTEGER NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	PRIMARY KEY (revision, class_id)
);
INSERT INTO "class_changes" VALUES(1,1,NULL,'{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}');
INSERT INTO "class_changes" VALUES(1,2,NULL,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}');
INSERT INTO "class_changes" VALUES(2,3,NULL,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(3,4,NULL,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}');
INSERT INTO "class_changes" VALUES(7,3,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(8,3,'{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}','{"id": 3, "name": "ant", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(9,3,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(10,1,'{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}','{"id": 1, "name": "cat", "color": "#102030", "position": 0}');
INSERT INTO "class_changes" VALUES(11,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}','{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(11,1,'{"id": 1, "name": "cat", "color": "#102030", "position": 0}','{"id": 1, "name": "cat", "color": "#102030", "position": 1}');
INSERT INTO "class_changes" VALUES(11,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}','{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}');
INSERT INTO "class_changes" VALUES(11,3,'{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 3}');
INSERT INTO "class_changes" VALUES(13,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}',NULL);
INSERT INTO "class_changes" VALUES(14,4,NULL,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(15,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}',NULL);
INSERT INTO "class_changes" VALUES(16,2,NULL,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}');
CREATE TABLE classes (
	id INTEGER NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	color VARCHAR(7) NOT NULL, 
	position INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "classes" VALUES(1,'cat','#102030',1,11);
INSERT INTO "classes" VALUES(2,'dog','#56B4E9',2,16);
INSERT INTO "classes" VALUES(3,'wasp','#009E73',3,11);
INSERT INTO "classes" VALUES(4,'猫 <b>','#ABCDEF',0,14);
CREATE TABLE edits (
	revision INTEGER NOT NULL, 
	op_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	target INTEGER, 
	author VARCHAR(128) NOT NULL, 
	time VARCHAR(32) NOT NULL, 
	class_id INTEGER, 
	count INTEGER NOT NULL, 
	summary TEXT NOT NULL, 
	selection TEXT, 
	PRIMARY KEY (revision), 
	UNIQUE (op_id)
);
INSERT INTO "edits" VALUES(1,'import-metadata','import',NULL,'metadata','2026-11-29T16:58:44Z',NULL,4,'4 images labelled in the metadata',NULL);
INSERT INTO "edits" VALUES(2,'kept-edit-01','add',NULL,'ann','2026-11-29T16:58:44Z',3,0,'class ant added',NULL);
INSERT INTO "edits" VALUES(3,'kept-edit-02','add',NULL,'bob','2026-11-29T16:58:44Z',4,0,'class 猫 <b> added',NULL);
INSERT INTO "edits" VALUES(4,'kept-edit-03','apply',NULL,'Zoë','2026-11-29T16:58:45Z',3,10,'10 images labelled ant','{"kind": "neighbors", "focus": "s05", "k": 9, "dropped": 1}');
INSERT INTO "edits" VALUES(5,'kept-edit-04','apply',NULL,'ann','2026-11-29T16:58:45Z',4,4,'4 images labelled 猫 <b>','{"kind": "lasso"}');
INSERT INTO "edits" VALUES(6,'kept-edit-05','apply',NULL,'bob','2026-11-29T16:58:45Z',NULL,1,'1 image cleared',NULL);
INSERT INTO "edits" VALUES(7,'kept-edit-06','rename',NULL,'Zoë','2026-11-29T16:58:45Z',3,0,'class ant renamed wasp',NULL);
INSERT INTO "edits" VALUES(8,'kept-edit-07','undo',7,'ann','2026-11-29T16:58:45Z',3,0,'undone: class ant renamed wasp',NULL);
INSERT INTO "edits" VALUES(9,'kept-edit-08','redo',7,'bob','2026-11-29T16:58:45Z',3,0,'redone: class ant renamed wasp',NULL);
INSERT INTO "edits" VALUES(10,'kept-edit-09','recolor',NULL,'Zoë','2026-11-29T16:58:45Z',1,0,'class cat recoloured',NULL);
INSERT INTO "edits" VALUES(11,'kept-edit-10','move',NULL,'ann','2026-11-29T16:58:45Z',4,0,'class 猫 <b> moved',NULL);
INSERT INTO "edits" VALUES(12,'kept-edit-11','apply',NULL,'bob','2026-11-29T16:58:45Z',2,2,'2 images labelled dog','{"kind": "from another world", "depth": 3}');
INSERT INTO "edits" VALUES(13,'kept-edit-12','merge',NULL,'Zoë','2026-11-29T16:58:45Z',1,4,'class 猫 <b> merged into cat',NULL);
INSERT INTO "edits" VALUES(14,'kept-edit-13','undo',13,'ann','2026-11-29T16:58:45Z',1,4,'undone: class 猫 <b> merged into cat',NULL);
INSERT INTO "edits" VALUES(15,'kept-edit-14','delete',NULL,'bob','2026-11-29T16:58:45Z',2,4,'class dog deleted',NULL);
INSERT INTO "edits" VALUES(16,'kept-edit-15','undo',15,'Zoë','2026-11-29T16:58:45Z',2,4,'undone: class dog deleted',NULL);
INSERT INTO "edits" VALUES(17,'kept-edit-16','undo',12,'ann','2026-11-29T16:58:45Z',2,2,'undone: 2 images labelled dog',NULL);
INSERT INTO "edits" VALUES(18,'kept-edit-17','apply',NULL,'bob','2026-11-29T16:58:45Z',3,3,'3 images labelled wasp','{"kind": "search", "query": "gr\u00f6\u00dfer \u732b", "dropped": 0, "extra": [1]}');
INSERT INTO "edits" VALUES(19,'kept-edit-18','apply',NULL,'Zoë','2026-11-29T16:58:45Z',1,1,'1 image labelled cat',NULL);
INSERT INTO "edits" VALUES(20,'kept-edit-19','undo',19,'ann','2026-11-29T16:58:45Z',1,1,'undone: 1 image labelled cat',NULL);
CREATE TABLE label_changes (
	revision INTEGER NOT NULL, 
	sample_id VARCHAR(256) NOT NULL, 
	"before" INTEGER, 
	"after" INTEGER, 
	PRIMARY KEY (revision, sample_id)
);
INSERT INTO "label_changes" VALUES(1,'s00',NULL,1);
INSERT INTO "label_changes" VALUES(1,'s01',NULL,2);
INSERT INTO "label_changes" VALUES(1,'s02',NULL,1);
INSERT INTO "label_changes" VALUES(1,'bilder/größe 3.png',NULL,2);
INSERT INTO "label_changes" VALUES(4,'s05',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s06',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s07',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s08',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s09',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s10',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s11',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s12',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s13',NULL,3);
INSERT INTO "label_changes" VALUES(4,'s14',NULL,3);
INSERT INTO "label_changes" VALUES(5,'s12',3,4);
INSERT INTO "label_changes" VALUES(5,'s13',3,4);
INSERT INTO "label_changes" VALUES(5,'s14',3,4);
INSERT INTO "label_changes" VALUES(5,'s15',NULL,4);
INSERT INTO "label_changes" VALUES(6,'s00',1,NULL);
INSERT INTO "label_changes" VALUES(12,'s20',NULL,2);
INSERT INTO "label_changes" VALUES(12,'s21',NULL,2);
INSERT INTO "label_changes" VALUES(13,'s12',4,1);
INSERT INTO "label_changes" VALUES(13,'s13',4,1);
INSERT INTO "label_changes" VALUES(13,'s14',4,1);
INSERT INTO "label_changes" VALUES(13,'s15',4,1);
INSERT INTO "label_changes" VALUES(14,'s12',1,4);
INSERT INTO "label_changes" VALUES(14,'s13',1,4);
INSERT INTO "label_changes" VALUES(14,'s14',1,4);
INSERT INTO "label_changes" VALUES(14,'s15',1,4);
INSERT INTO "label_changes" VALUES(15,'s01',2,NULL);
INSERT INTO "label_changes" VALUES(15,'bilder/größe 3.png',2,NULL);
INSERT INTO "label_changes" VALUES(15,'s20',2,NULL);
INSERT INTO "label_changes" VALUES(15,'s21',2,NULL);
INSERT INTO "label_changes" VALUES(16,'bilder/größe 3.png',NULL,2);
INSERT INTO "label_changes" VALUES(16,'s01',NULL,2);
INSERT INTO "label_changes" VALUES(16,'s20',NULL,2);
INSERT INTO "label_changes" VALUES(16,'s21',NULL,2);
INSERT INTO "label_changes" VALUES(17,'s20',2,NULL);
INSERT INTO "label_changes" VALUES(17,'s21',2,NULL);
INSERT INTO "label_changes" VALUES(18,'s30',NULL,3);
INSERT INTO "label_changes" VALUES(18,'s31',NULL,3);
INSERT INTO "label_changes" VALUES(18,'s32',NULL,3);
INSERT INTO "label_changes" VALUES(19,'s52',NULL,1);
INSERT INTO "label_changes" VALUES(20,'s52',1,NULL);
CREATE TABLE labels (
	sample_id VARCHAR(256) NOT NULL, 
	class_id INTEGER, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (sample_id)
);
INSERT INTO "labels" VALUES('s02',1,1);
INSERT INTO "labels" VALUES('s05',3,4);
INSERT INTO "labels" VALUES('s06',3,4);
INSERT INTO "labels" VALUES('s07',3,4);
INSERT INTO "labels" VALUES('s08',3,4);
INSERT INTO "labels" VALUES('s09',3,4);
INSERT INTO "labels" VALUES('s10',3,4);
INSERT INTO "labels" VALUES('s11',3,4);
INSERT INTO "labels" VALUES('s00',NULL,6);
INSERT INTO "labels" VALUES('s12',4,14);
INSERT INTO "labels" VALUES('s13',4,14);
INSERT INTO "labels" VALUES('s14',4,14);
INSERT INTO "labels" VALUES('s15',4,14);
INSERT INTO "labels" VALUES('bilder/größe 3.png',2,16);
INSERT INTO "labels" VALUES('s01',2,16);
INSERT INTO "labels" VALUES('s20',NULL,17);
INSERT INTO "labels" VALUES('s21',NULL,17);
INSERT INTO "labels" VALUES('s30',3,18);
INSERT INTO "labels" VALUES('s31',3,18);
INSERT INTO "labels" VALUES('s32',3,18);
INSERT INTO "labels" VALUES('s52',NULL,20);
COMMIT;
