BEGIN TRANSACTION;
CREATE TABLE about (
	"key" VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "about" VALUES('schema_version','6');
CREATE TABLE class_changes (
	column_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	class_id INTEGER NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	PRIMARY KEY (column_id, revision, class_id)
);
INSERT INTO "class_changes" VALUES(1,1,1,NULL,'{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}');
INSERT INTO "class_changes" VALUES(1,1,2,NULL,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}');
INSERT INTO "class_changes" VALUES(1,2,3,NULL,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(1,3,4,NULL,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}');
INSERT INTO "class_changes" VALUES(1,7,3,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(1,8,3,'{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}','{"id": 3, "name": "ant", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(1,9,3,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(1,10,1,'{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}','{"id": 1, "name": "cat", "color": "#102030", "position": 0}');
INSERT INTO "class_changes" VALUES(1,11,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}','{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(1,11,1,'{"id": 1, "name": "cat", "color": "#102030", "position": 0}','{"id": 1, "name": "cat", "color": "#102030", "position": 1}');
INSERT INTO "class_changes" VALUES(1,11,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}','{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}');
INSERT INTO "class_changes" VALUES(1,11,3,'{"id": 3, "name": "wasp", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 3}');
INSERT INTO "class_changes" VALUES(1,13,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}',NULL);
INSERT INTO "class_changes" VALUES(1,14,4,NULL,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(1,15,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}',NULL);
INSERT INTO "class_changes" VALUES(1,16,2,NULL,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}');
INSERT INTO "class_changes" VALUES(1,19,5,NULL,'{"id": 5, "name": "bee", "color": "#E69F00", "position": 4}');
INSERT INTO "class_changes" VALUES(1,20,6,NULL,'{"id": 6, "name": "heron", "color": "#CC79A7", "position": 5}');
INSERT INTO "class_changes" VALUES(1,21,3,'{"id": 3, "name": "wasp", "color": "#009E73", "position": 3}','{"id": 3, "name": "ant", "color": "#009E73", "position": 2}');
INSERT INTO "class_changes" VALUES(1,21,1,'{"id": 1, "name": "cat", "color": "#102030", "position": 1}','{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}');
INSERT INTO "class_changes" VALUES(1,21,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}','{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}');
INSERT INTO "class_changes" VALUES(1,21,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}','{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}');
INSERT INTO "class_changes" VALUES(1,21,5,'{"id": 5, "name": "bee", "color": "#E69F00", "position": 4}',NULL);
INSERT INTO "class_changes" VALUES(1,21,6,'{"id": 6, "name": "heron", "color": "#CC79A7", "position": 5}',NULL);
INSERT INTO "class_changes" VALUES(1,22,1,'{"id": 1, "name": "cat", "color": "#E69F00", "position": 0}','{"id": 1, "name": "cat", "color": "#102030", "position": 1}');
INSERT INTO "class_changes" VALUES(1,22,2,'{"id": 2, "name": "dog", "color": "#56B4E9", "position": 1}','{"id": 2, "name": "dog", "color": "#56B4E9", "position": 2}');
INSERT INTO "class_changes" VALUES(1,22,3,'{"id": 3, "name": "ant", "color": "#009E73", "position": 2}','{"id": 3, "name": "wasp", "color": "#009E73", "position": 3}');
INSERT INTO "class_changes" VALUES(1,22,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 3}','{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(1,22,5,NULL,'{"id": 5, "name": "bee", "color": "#E69F00", "position": 4}');
INSERT INTO "class_changes" VALUES(1,22,6,NULL,'{"id": 6, "name": "heron", "color": "#CC79A7", "position": 5}');
INSERT INTO "class_changes" VALUES(2,1,1,NULL,'{"id": 1, "name": "blue", "color": "#E69F00", "position": 0}');
INSERT INTO "class_changes" VALUES(2,2,2,NULL,'{"id": 2, "name": "green", "color": "#56B4E9", "position": 1}');
INSERT INTO "class_changes" VALUES(1,36,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}',NULL);
INSERT INTO "class_changes" VALUES(1,38,5,'{"id": 5, "name": "bee", "color": "#E69F00", "position": 4}',NULL);
INSERT INTO "class_changes" VALUES(1,39,5,NULL,'{"id": 5, "name": "bee", "color": "#E69F00", "position": 4}');
INSERT INTO "class_changes" VALUES(1,40,4,NULL,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}');
INSERT INTO "class_changes" VALUES(1,41,4,'{"id": 4, "name": "\u732b <b>", "color": "#ABCDEF", "position": 0}',NULL);
INSERT INTO "class_changes" VALUES(1,49,7,NULL,'{"id": 7, "name": "hornet", "color": "#0072B2", "position": 6}');
CREATE TABLE classes (
	column_id INTEGER NOT NULL, 
	id INTEGER NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	color VARCHAR(7) NOT NULL, 
	position INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (column_id, id)
);
INSERT INTO "classes" VALUES(1,1,'cat','#102030',1,22);
INSERT INTO "classes" VALUES(1,2,'dog','#56B4E9',2,22);
INSERT INTO "classes" VALUES(1,3,'wasp','#009E73',3,22);
INSERT INTO "classes" VALUES(1,6,'heron','#CC79A7',5,22);
INSERT INTO "classes" VALUES(2,1,'blue','#E69F00',0,1);
INSERT INTO "classes" VALUES(2,2,'green','#56B4E9',1,2);
INSERT INTO "classes" VALUES(1,5,'bee','#E69F00',4,39);
INSERT INTO "classes" VALUES(1,7,'hornet','#0072B2',6,49);
CREATE TABLE "edits" (
        column_id INTEGER NOT NULL, revision INTEGER NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL,
        target INTEGER, author VARCHAR(128) NOT NULL, time VARCHAR(32) NOT NULL, class_id INTEGER,
        count INTEGER NOT NULL, summary TEXT NOT NULL, selection TEXT, content VARCHAR(32), client VARCHAR(64) NOT NULL,
        touched TEXT, PRIMARY KEY (column_id, revision), UNIQUE (column_id, op_id));
INSERT INTO "edits" VALUES(1,1,'import-metadata','import',NULL,'metadata','2026-11-29T16:58:47Z',NULL,4,'4 images labelled in the metadata',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,2,'kept-edit-01','add',NULL,'ann','2026-11-29T16:58:47Z',3,0,'class ant added',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,3,'kept-edit-02','add',NULL,'bob','2026-11-29T16:58:47Z',4,0,'class 猫 <b> added',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,4,'kept-edit-03','apply',NULL,'Zoë','2026-11-29T16:58:47Z',3,10,'10 images labelled ant','{"kind": "neighbors", "focus": "s05", "k": 9, "dropped": 1}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,5,'kept-edit-04','apply',NULL,'ann','2026-11-29T16:58:47Z',4,4,'4 images labelled 猫 <b>','{"kind": "lasso"}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,6,'kept-edit-05','apply',NULL,'bob','2026-11-29T16:58:47Z',NULL,1,'1 image cleared',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,7,'kept-edit-06','rename',NULL,'Zoë','2026-11-29T16:58:47Z',3,0,'class ant renamed wasp',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,8,'kept-edit-07','undo',7,'ann','2026-11-29T16:58:47Z',3,0,'undone: class ant renamed wasp',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,9,'kept-edit-08','redo',7,'bob','2026-11-29T16:58:47Z',3,0,'redone: class ant renamed wasp',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,10,'kept-edit-09','recolor',NULL,'Zoë','2026-11-29T16:58:47Z',1,0,'class cat recoloured',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,11,'kept-edit-10','move',NULL,'ann','2026-11-29T16:58:47Z',4,0,'class 猫 <b> moved',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,12,'kept-edit-11','apply',NULL,'bob','2026-11-29T16:58:47Z',2,2,'2 images labelled dog','{"kind": "from another world", "depth": 3}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,13,'kept-edit-12','merge',NULL,'Zoë','2026-11-29T16:58:47Z',1,4,'class 猫 <b> merged into cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,14,'kept-edit-13','undo',13,'ann','2026-11-29T16:58:47Z',1,4,'undone: class 猫 <b> merged into cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,15,'kept-edit-14','delete',NULL,'bob','2026-11-29T16:58:47Z',2,4,'class dog deleted',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,16,'kept-edit-15','undo',15,'Zoë','2026-11-29T16:58:47Z',2,4,'undone: class dog deleted',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,17,'kept-edit-16','undo',12,'ann','2026-11-29T16:58:48Z',2,2,'undone: 2 images labelled dog',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,18,'kept-edit-17','apply',NULL,'bob','2026-11-29T16:58:48Z',3,3,'3 images labelled wasp','{"kind": "search", "query": "gr\u00f6\u00dfer \u732b", "dropped": 0, "extra": [1]}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,19,'kept-edit-18','apply',NULL,'Zoë','2026-11-29T16:58:48Z',5,2,'2 images labelled bee','{"kind": "single", "k": 1, "dropped": 0}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,20,'kept-edit-19','import',NULL,'ann','2026-11-29T16:58:48Z',NULL,2,'2 images labelled in labels.tsv',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,21,'kept-edit-20','restore',8,'bob','2026-11-29T16:58:48Z',NULL,7,'restored to revision 8',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,22,'kept-edit-21','undo',21,'Zoë','2026-11-29T16:58:48Z',NULL,7,'undone: restored to revision 8',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,23,'kept-edit-22','apply',NULL,'ann','2026-11-29T16:58:48Z',1,1,'1 image labelled cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(2,1,'import-metadata','import',NULL,'metadata','2026-11-29T16:58:48Z',NULL,1,'1 image labelled in the metadata',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(2,2,'kept-edit-23','apply',NULL,'bob','2026-11-29T16:58:48Z',2,1,'1 image labelled green',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,24,'kept-edit-24','undo',23,'Zoë','2026-11-29T16:58:48Z',1,1,'undone: 1 image labelled cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,25,'kept-edit-41','apply',NULL,'Zoë','2026-11-29T19:53:14Z',1,2,'2 images labelled cat','{"kind": "lasso", "dropped": 2}','0123456789abcdef0123456789abcdef','',NULL);
INSERT INTO "edits" VALUES(1,26,'kept-edit-42','undo',25,'ann','2026-11-29T19:53:14Z',1,2,'undone: 2 images labelled cat',NULL,'00112233445566778899aabbccddeeff','',NULL);
INSERT INTO "edits" VALUES(1,27,'kept-edit-43','apply',NULL,'ann','2026-11-29T19:53:14Z',2,1,'1 image labelled dog',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,28,'kept-edit-44','undo',27,'ann','2026-11-29T19:53:14Z',2,1,'undone: 1 image labelled dog',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,29,'kept-state-01','apply',NULL,'ann','2026-11-30T02:35:37Z',3,5,'5 images seen and labelled wasp','{"kind": "page", "of": "suggestion", "order": "surest", "shown": 6, "changed": 1}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,30,'kept-state-02','apply',NULL,'ann','2026-11-30T02:35:37Z',3,3,'3 images verified as wasp','{"kind": "page", "of": "labeled", "order": "random", "shown": 3, "changed": 0, "population": 25}',NULL,'',NULL);
INSERT INTO "edits" VALUES(1,31,'kept-state-03','apply',NULL,'ann','2026-11-30T02:35:37Z',NULL,3,'3 images set aside as unsure',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,32,'kept-state-04','apply',NULL,'ann','2026-11-30T02:35:37Z',NULL,2,'2 images set aside as ignored',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,33,'kept-state-05','apply',NULL,'ann','2026-11-30T02:35:37Z',5,2,'2 images labelled bee',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,34,'kept-state-06','apply',NULL,'ann','2026-11-30T02:35:37Z',NULL,1,'1 image cleared',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,35,'kept-state-07','apply',NULL,'ann','2026-11-30T02:35:37Z',NULL,2,'2 images set aside as unsure',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,36,'kept-state-08','delete',NULL,'ann','2026-11-30T02:35:37Z',4,4,'class 猫 <b> deleted',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,37,'kept-state-09','apply',NULL,'ann','2026-11-30T02:35:37Z',1,1,'1 image seen and labelled cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,38,'kept-state-10','merge',NULL,'ann','2026-11-30T02:35:37Z',1,5,'class bee merged into cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,39,'kept-state-11','undo',38,'ann','2026-11-30T02:35:37Z',1,5,'undone: class bee merged into cat',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,40,'kept-state-12','restore',34,'ann','2026-11-30T02:35:37Z',NULL,6,'restored to revision 34',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,41,'kept-state-13','undo',40,'ann','2026-11-30T02:35:37Z',NULL,6,'undone: restored to revision 34',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,42,'kept-state-14','apply',NULL,'ann','2026-11-30T02:35:37Z',NULL,1,'1 image set aside as ignored',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,43,'kept-state-15','undo',42,'ann','2026-11-30T02:35:37Z',NULL,1,'undone: 1 image set aside as ignored',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,44,'kept-person-01','apply',NULL,'ann','2026-11-30T14:26:12Z',1,3,'3 images labelled cat',NULL,NULL,'tag-of-ann',NULL);
INSERT INTO "edits" VALUES(1,45,'kept-person-02','apply',NULL,'bob','2026-11-30T14:26:12Z',2,2,'2 images seen as dog',NULL,NULL,'tag-of-bob','[["ann", "tag-of-ann", 1]]');
INSERT INTO "edits" VALUES(1,46,'kept-person-03','apply',NULL,'ann','2026-11-30T14:26:12Z',3,1,'1 image labelled wasp',NULL,NULL,'another-tag','[["ann", "tag-of-ann", 1]]');
INSERT INTO "edits" VALUES(1,47,'kept-person-04','undo',44,'ann','2026-11-30T14:26:12Z',1,1,'undone: 3 images labelled cat (2 of 3 stay: bob and ann changed them since)',NULL,NULL,'tag-of-ann',NULL);
INSERT INTO "edits" VALUES(1,48,'kept-person-05','redo',44,'ann','2026-11-30T14:26:12Z',1,1,'redone: 3 images labelled cat (2 of 3 stay: bob and ann changed them since)',NULL,NULL,'tag-of-ann',NULL);
INSERT INTO "edits" VALUES(1,49,'kept-person-06','apply',NULL,'Zoë','2026-11-30T14:26:12Z',7,2,'2 images labelled hornet',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,50,'kept-person-07','apply',NULL,'bob','2026-11-30T14:26:12Z',7,1,'1 image labelled hornet',NULL,NULL,'tag-of-bob',NULL);
INSERT INTO "edits" VALUES(1,51,'kept-person-08','undo',49,'Zoë','2026-11-30T14:26:12Z',7,2,'undone: 2 images labelled hornet',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,52,'kept-person-09','redo',49,'Zoë','2026-11-30T14:26:12Z',7,2,'redone: 2 images labelled hornet',NULL,NULL,'',NULL);
INSERT INTO "edits" VALUES(1,53,'kept-person-10','undo',50,'bob','2026-11-30T14:26:12Z',7,1,'undone: 1 image labelled hornet',NULL,NULL,'tag-of-bob',NULL);
INSERT INTO "edits" VALUES(1,54,'kept-person-11','apply',NULL,'ann','2026-11-30T14:26:12Z',2,1,'1 image verified as dog',NULL,NULL,'tag-of-ann','[["bob", "tag-of-bob", 1]]');
INSERT INTO "edits" VALUES(1,55,'kept-person-12','apply',NULL,'ann','2026-11-30T14:26:12Z',NULL,1,'1 image cleared',NULL,NULL,'tag-of-ann',NULL);
INSERT INTO "edits" VALUES(1,56,'kept-person-13','undo',55,'ann','2026-11-30T14:26:12Z',NULL,1,'undone: 1 image cleared',NULL,NULL,'tag-of-ann',NULL);
CREATE TABLE label_changes (
	column_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	sample_id VARCHAR(512) NOT NULL, 
	"before" INTEGER, 
	"after" INTEGER, 
	state_before INTEGER NOT NULL, 
	state_after INTEGER NOT NULL, 
	PRIMARY KEY (column_id, revision, sample_id)
)
 WITHOUT ROWID

;
INSERT INTO "label_changes" VALUES(1,1,'bilder/größe 3.png',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,1,'s00',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,1,'s01',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,1,'s02',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s05',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s06',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s07',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s08',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s09',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s10',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s11',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s12',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s13',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,4,'s14',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,5,'s12',3,4,1,1);
INSERT INTO "label_changes" VALUES(1,5,'s13',3,4,1,1);
INSERT INTO "label_changes" VALUES(1,5,'s14',3,4,1,1);
INSERT INTO "label_changes" VALUES(1,5,'s15',NULL,4,0,1);
INSERT INTO "label_changes" VALUES(1,6,'s00',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,12,'s20',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,12,'s21',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,13,'s12',4,1,1,1);
INSERT INTO "label_changes" VALUES(1,13,'s13',4,1,1,1);
INSERT INTO "label_changes" VALUES(1,13,'s14',4,1,1,1);
INSERT INTO "label_changes" VALUES(1,13,'s15',4,1,1,1);
INSERT INTO "label_changes" VALUES(1,14,'s12',1,4,1,1);
INSERT INTO "label_changes" VALUES(1,14,'s13',1,4,1,1);
INSERT INTO "label_changes" VALUES(1,14,'s14',1,4,1,1);
INSERT INTO "label_changes" VALUES(1,14,'s15',1,4,1,1);
INSERT INTO "label_changes" VALUES(1,15,'bilder/größe 3.png',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,15,'s01',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,15,'s20',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,15,'s21',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,16,'bilder/größe 3.png',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,16,'s01',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,16,'s20',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,16,'s21',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,17,'s20',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,17,'s21',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,18,'s30',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,18,'s31',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,18,'s32',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,19,'s40',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,19,'s41',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,20,'s50',NULL,6,0,1);
INSERT INTO "label_changes" VALUES(1,20,'s51',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,21,'s30',3,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s31',3,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s32',3,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s40',5,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s41',5,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s50',6,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,21,'s51',5,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,22,'s30',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s31',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s32',NULL,3,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s40',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s41',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s50',NULL,6,0,1);
INSERT INTO "label_changes" VALUES(1,22,'s51',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,23,'s52',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,24,'s52',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,25,'s60',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,25,'s61',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,26,'s60',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,26,'s61',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,27,'s62',NULL,2,0,1);
INSERT INTO "label_changes" VALUES(1,28,'s62',2,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,29,'s60',NULL,3,0,2);
INSERT INTO "label_changes" VALUES(1,29,'s61',NULL,3,0,2);
INSERT INTO "label_changes" VALUES(1,29,'s62',NULL,3,0,2);
INSERT INTO "label_changes" VALUES(1,29,'s63',NULL,3,0,2);
INSERT INTO "label_changes" VALUES(1,29,'s64',NULL,3,0,2);
INSERT INTO "label_changes" VALUES(1,30,'s05',3,3,1,3);
INSERT INTO "label_changes" VALUES(1,30,'s60',3,3,2,3);
INSERT INTO "label_changes" VALUES(1,30,'s61',3,3,2,3);
INSERT INTO "label_changes" VALUES(1,31,'s06',3,3,1,4);
INSERT INTO "label_changes" VALUES(1,31,'s62',3,3,2,4);
INSERT INTO "label_changes" VALUES(1,31,'s70',NULL,NULL,0,4);
INSERT INTO "label_changes" VALUES(1,32,'s07',3,3,1,5);
INSERT INTO "label_changes" VALUES(1,32,'s71',NULL,NULL,0,5);
INSERT INTO "label_changes" VALUES(1,33,'s62',3,5,4,1);
INSERT INTO "label_changes" VALUES(1,33,'s72',NULL,5,0,1);
INSERT INTO "label_changes" VALUES(1,34,'s06',3,NULL,4,0);
INSERT INTO "label_changes" VALUES(1,35,'s13',4,4,1,4);
INSERT INTO "label_changes" VALUES(1,35,'s73',NULL,NULL,0,4);
INSERT INTO "label_changes" VALUES(1,36,'s12',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,36,'s13',4,NULL,4,4);
INSERT INTO "label_changes" VALUES(1,36,'s14',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,36,'s15',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,37,'s08',3,1,1,2);
INSERT INTO "label_changes" VALUES(1,38,'s40',5,1,1,1);
INSERT INTO "label_changes" VALUES(1,38,'s41',5,1,1,1);
INSERT INTO "label_changes" VALUES(1,38,'s51',5,1,1,1);
INSERT INTO "label_changes" VALUES(1,38,'s62',5,1,1,1);
INSERT INTO "label_changes" VALUES(1,38,'s72',5,1,1,1);
INSERT INTO "label_changes" VALUES(1,39,'s40',1,5,1,1);
INSERT INTO "label_changes" VALUES(1,39,'s41',1,5,1,1);
INSERT INTO "label_changes" VALUES(1,39,'s51',1,5,1,1);
INSERT INTO "label_changes" VALUES(1,39,'s62',1,5,1,1);
INSERT INTO "label_changes" VALUES(1,39,'s72',1,5,1,1);
INSERT INTO "label_changes" VALUES(1,40,'s08',1,3,2,1);
INSERT INTO "label_changes" VALUES(1,40,'s12',NULL,4,0,1);
INSERT INTO "label_changes" VALUES(1,40,'s13',NULL,4,4,1);
INSERT INTO "label_changes" VALUES(1,40,'s14',NULL,4,0,1);
INSERT INTO "label_changes" VALUES(1,40,'s15',NULL,4,0,1);
INSERT INTO "label_changes" VALUES(1,40,'s73',NULL,NULL,4,0);
INSERT INTO "label_changes" VALUES(1,41,'s08',3,1,1,2);
INSERT INTO "label_changes" VALUES(1,41,'s12',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,41,'s13',4,NULL,1,4);
INSERT INTO "label_changes" VALUES(1,41,'s14',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,41,'s15',4,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,41,'s73',NULL,NULL,0,4);
INSERT INTO "label_changes" VALUES(1,42,'s74',NULL,NULL,0,5);
INSERT INTO "label_changes" VALUES(1,43,'s74',NULL,NULL,5,0);
INSERT INTO "label_changes" VALUES(1,44,'s80',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,44,'s81',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,44,'s82',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,45,'s81',1,2,1,2);
INSERT INTO "label_changes" VALUES(1,45,'s83',NULL,2,0,2);
INSERT INTO "label_changes" VALUES(1,46,'s82',1,3,1,1);
INSERT INTO "label_changes" VALUES(1,47,'s80',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,48,'s80',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(1,49,'s84',NULL,7,0,1);
INSERT INTO "label_changes" VALUES(1,49,'s85',NULL,7,0,1);
INSERT INTO "label_changes" VALUES(1,50,'s86',NULL,7,0,1);
INSERT INTO "label_changes" VALUES(1,51,'s84',7,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,51,'s85',7,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,52,'s84',NULL,7,0,1);
INSERT INTO "label_changes" VALUES(1,52,'s85',NULL,7,0,1);
INSERT INTO "label_changes" VALUES(1,53,'s86',7,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,54,'s81',2,2,2,3);
INSERT INTO "label_changes" VALUES(1,55,'s80',1,NULL,1,0);
INSERT INTO "label_changes" VALUES(1,56,'s80',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(2,1,'s00',NULL,1,0,1);
INSERT INTO "label_changes" VALUES(2,2,'s01',NULL,2,0,1);
CREATE TABLE "label_columns" (
        id INTEGER NOT NULL, run VARCHAR(512) NOT NULL, name VARCHAR(128) NOT NULL, revision INTEGER NOT NULL,
        next_class_id INTEGER NOT NULL, owner VARCHAR(128), blind INTEGER, PRIMARY KEY (id), UNIQUE (run, name));
INSERT INTO "label_columns" VALUES(1,'','label',56,8,NULL,0);
INSERT INTO "label_columns" VALUES(2,'','eye colour',2,3,NULL,0);
INSERT INTO "label_columns" VALUES(3,'another/run','label',0,1,NULL,0);
CREATE TABLE label_places (
	run VARCHAR(512) NOT NULL, 
	place TEXT NOT NULL, 
	samples INTEGER NOT NULL
);
INSERT INTO "label_places" VALUES('','file://aquarium/data/logs/b%C3%B6gel',60);
CREATE TABLE label_runs (
	run VARCHAR(512) NOT NULL, 
	identity VARCHAR(32) NOT NULL, 
	PRIMARY KEY (run)
);
INSERT INTO "label_runs" VALUES('','8b64c87627a07c8eb3a1e94b39a63be7');
INSERT INTO "label_runs" VALUES('another/run','e17f72becada63e59786e0466ba8dfaa');
CREATE TABLE labels (
	column_id INTEGER NOT NULL, 
	sample_id VARCHAR(512) NOT NULL, 
	class_id INTEGER, 
	revision INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	PRIMARY KEY (column_id, sample_id)
)
 WITHOUT ROWID

;
INSERT INTO "labels" VALUES(1,'bilder/größe 3.png',2,16,1);
INSERT INTO "labels" VALUES(1,'s00',NULL,6,0);
INSERT INTO "labels" VALUES(1,'s01',2,16,1);
INSERT INTO "labels" VALUES(1,'s02',1,1,1);
INSERT INTO "labels" VALUES(1,'s05',3,30,3);
INSERT INTO "labels" VALUES(1,'s06',NULL,34,0);
INSERT INTO "labels" VALUES(1,'s07',3,32,5);
INSERT INTO "labels" VALUES(1,'s08',1,41,2);
INSERT INTO "labels" VALUES(1,'s09',3,4,1);
INSERT INTO "labels" VALUES(1,'s10',3,4,1);
INSERT INTO "labels" VALUES(1,'s11',3,4,1);
INSERT INTO "labels" VALUES(1,'s12',NULL,41,0);
INSERT INTO "labels" VALUES(1,'s13',NULL,41,4);
INSERT INTO "labels" VALUES(1,'s14',NULL,41,0);
INSERT INTO "labels" VALUES(1,'s15',NULL,41,0);
INSERT INTO "labels" VALUES(1,'s20',NULL,17,0);
INSERT INTO "labels" VALUES(1,'s21',NULL,17,0);
INSERT INTO "labels" VALUES(1,'s30',3,22,1);
INSERT INTO "labels" VALUES(1,'s31',3,22,1);
INSERT INTO "labels" VALUES(1,'s32',3,22,1);
INSERT INTO "labels" VALUES(1,'s40',5,39,1);
INSERT INTO "labels" VALUES(1,'s41',5,39,1);
INSERT INTO "labels" VALUES(1,'s50',6,22,1);
INSERT INTO "labels" VALUES(1,'s51',5,39,1);
INSERT INTO "labels" VALUES(1,'s52',NULL,24,0);
INSERT INTO "labels" VALUES(1,'s60',3,30,3);
INSERT INTO "labels" VALUES(1,'s61',3,30,3);
INSERT INTO "labels" VALUES(1,'s62',5,39,1);
INSERT INTO "labels" VALUES(1,'s63',3,29,2);
INSERT INTO "labels" VALUES(1,'s64',3,29,2);
INSERT INTO "labels" VALUES(1,'s70',NULL,31,4);
INSERT INTO "labels" VALUES(1,'s71',NULL,32,5);
INSERT INTO "labels" VALUES(1,'s72',5,39,1);
INSERT INTO "labels" VALUES(1,'s73',NULL,41,4);
INSERT INTO "labels" VALUES(1,'s74',NULL,43,0);
INSERT INTO "labels" VALUES(1,'s80',1,56,1);
INSERT INTO "labels" VALUES(1,'s81',2,54,3);
INSERT INTO "labels" VALUES(1,'s82',3,46,1);
INSERT INTO "labels" VALUES(1,'s83',2,45,2);
INSERT INTO "labels" VALUES(1,'s84',7,52,1);
INSERT INTO "labels" VALUES(1,'s85',7,52,1);
INSERT INTO "labels" VALUES(1,'s86',NULL,53,0);
INSERT INTO "labels" VALUES(2,'s00',1,1,1);
INSERT INTO "labels" VALUES(2,'s01',2,2,1);
CREATE TABLE leases (
        column_id INTEGER NOT NULL, client VARCHAR(64) NOT NULL, tag VARCHAR(64) NOT NULL,
        author VARCHAR(128) NOT NULL, op_id VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, class_id INTEGER,
        count INTEGER NOT NULL, sample_ids TEXT NOT NULL, until BIGINT NOT NULL,
        PRIMARY KEY (column_id, client, tag));
CREATE INDEX label_places_by_run ON label_places (run);
CREATE INDEX edits_by_target ON edits (column_id, target);
CREATE INDEX edits_by_author ON edits (column_id, author, revision);
COMMIT;
